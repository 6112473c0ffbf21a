import Journal
import Provisioning

/// What a person asks of orders besides making one and changing its state.
public enum OrderRequest: Codable, Sendable {
    /// Makes every order of a file, or none; `text` is CSV or JSON.
    case importOrders(text: String)
    case amend(id: String, OrderAmendment, reason: String)

    func perform(_ context: CommandContext) async throws -> JSONValue {
        switch self {
        case .importOrders(let text):
            let file = OrderImport(text, profiles: context.profiles)
            let orders = file.orders.map(\.order)
            func placed(_ found: [(index: Int, problem: OrderProblem)]) -> [OrderImport.Problem] {
                found.map { file.orders[$0.index].place.problem($0.problem) }
            }
            guard file.problems.isEmpty else {
                throw OrderImport.Refusal(file.problems + placed(try await context.journal.problems(of: orders)))
            }
            do {
                let made = try await context.journal.createOrders(orders, actor: context.actor)
                return ["orders": .array(made.map(\.json))]
            } catch let refusal as OrderRefusal { throw OrderImport.Refusal(placed(refusal.problems)) }
        case .amend(let id, let amendment, let reason):
            let problems = amendment.problems
            guard problems.isEmpty else {
                throw StationCommand.CommandError(
                    description: problems.map(\.description).joined(separator: "; "))
            }
            let changed = try await context.journal.amendOrder(id, reason: reason, actor: context.actor) {
                amendment.apply(to: &$0)
            }
            context.line?.events.send(.order(changed))
            return changed.json
        }
    }
}

/// What is to change about an order; nil leaves it as it is.
public struct OrderAmendment: Codable, Hashable, Sendable {
    /// A number that may also be taken away.
    public enum Limit: Codable, Hashable, Sendable {
        case none
        case at(Int)

        var value: Int? { if case .at(let number) = self { number } else { nil } }
    }

    public var quota: Int?
    /// `FROM/UNTIL`, or `none`.
    public var window: String?
    public var runLimit: Limit?
    public var stepRetries: Limit?
    public var offlineBoards: Limit?
    public var offlineMinutes: Limit?

    public init(
        quota: Int? = nil, window: String? = nil, runLimit: Limit? = nil, stepRetries: Limit? = nil,
        offlineBoards: Limit? = nil, offlineMinutes: Limit? = nil
    ) {
        (self.quota, self.window, self.runLimit) = (quota, window, runLimit)
        (self.stepRetries, self.offlineBoards, self.offlineMinutes) = (stepRetries, offlineBoards, offlineMinutes)
    }

    private var limits: OrderLimits {
        OrderLimits(
            runs: runLimit?.value, stepRetries: stepRetries?.value, offlineBoards: offlineBoards?.value,
            offlineMinutes: offlineMinutes?.value)
    }

    var problems: [OrderProblem] {
        typealias Draft = StationCommand.OrderDraft
        var problems = limits.problems
        if let quota, !(1...Draft.largestQuota).contains(quota) {
            let most = Draft.largestQuota
            problems.append(
                OrderProblem(
                    "quota", zh: "收到 \(quota)，应为 1 到 \(most)", en: "received \(quota), expected 1 to \(most)"))
        }
        if let window, window != "none", ProductionWindow(window) == nil {
            problems.append(
                OrderProblem(
                    "window", zh: "收到 \"\(window)\"，应为\(Draft.windowWords.zh)，或 none",
                    en: "received \"\(window)\", expected \(Draft.windowWords.en), or none"))
        }
        return problems
    }

    func apply(to terms: inout WorkOrder.Terms) {
        if let quota { terms.quota = quota }
        if let window { terms.window = ProductionWindow(window) }
        if let runLimit { terms.limits.runs = runLimit.value }
        if let stepRetries { terms.limits.stepRetries = stepRetries.value }
        if let offlineBoards { terms.limits.offlineBoards = offlineBoards.value }
        if let offlineMinutes { terms.limits.offlineMinutes = offlineMinutes.value }
    }
}
