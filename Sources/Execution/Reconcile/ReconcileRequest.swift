import Journal
import Provisioning
import Reports

/// What a person asks about rows of an order's last reconciliation.
public struct ReconcileRequest: Codable, Hashable, Sendable {
    public var order: String
    /// The class the rows have; nil = whichever it is.
    public var rowClass: String?
    /// One row; nil = every row of the class, at most a hundred at a go.
    public var deviceName: String?
    /// nil = the row's own action.
    public var action: String?
    /// The ClientID to keep; nil = the one on record.
    public var clientID: String?
    public var reason: String
    /// The second person, where two sign.
    public var second: String?

    public init(
        order: String, rowClass: String?, deviceName: String?, action: String? = nil, clientID: String? = nil,
        reason: String, second: String? = nil
    ) {
        (self.order, self.rowClass, self.deviceName, self.action) = (order, rowClass, deviceName, action)
        (self.clientID, self.reason, self.second) = (clientID, reason, second)
    }

    /// - Returns: `{"rows": [{device_name, action, done, sentence}], "left": rows of the class that were not worked on}`.
    func perform(_ context: CommandContext) async throws -> JSONValue {
        func refuse(_ sentence: String) -> StationCommand.CommandError { .init(description: sentence) }
        guard let order = try await context.journal.order(order) else {
            throw refuse("there is no order \(order); `station order list` shows them")
        }
        let found = try rowClass.map { name in
            guard let found = ReconcileClass(name: name) else {
                let known = ReconcileClass.allCases.map(\.name).joined(separator: ", ")
                throw refuse("class \"\(name)\": expected one of \(known)")
            }
            return found
        }
        let key = try action.map { name in
            guard let key = ReconcileAction.Key(rawValue: name) else {
                let known = ReconcileAction.Key.allCases.map(\.rawValue).joined(separator: ", ")
                throw refuse("action \"\(name)\": expected one of \(known)")
            }
            return key
        }
        guard !reason.isEmpty else { throw refuse("a reason is needed, for the journal") }
        guard deviceName != nil || found != nil else { throw refuse("name a row or a class") }
        let desk = try context.reconcileDesk()
        try await desk.settleNameIntents()
        var (names, left) = (deviceName.map { [$0] } ?? [], 0)
        if deviceName == nil, let found { (names, left) = try await rows(of: found, order.id, desk) }
        let actions = ReconcileActions(
            desk: desk, context: context, order: order, reason: reason, second: second, clientID: clientID)
        let done = try await actions.perform(names, as: found, key)
        return ["rows": .array(done.map(\.json)), "left": .init(left)]
    }

    /// The names of the last result's rows of a class, and how many more there are.
    private func rows(
        of found: ReconcileClass, _ order: String, _ desk: ReconcileDesk
    ) async throws -> (names: [String], left: Int) {
        guard let last = try await desk.journal.lastReconciliation(order: order) else {
            throw StationCommand.CommandError(
                description: "order \(order) was not reconciled yet; `station reconcile \(order)` does it")
        }
        var (names, left): ([String], Int) = ([], 0)
        try desk.files.forEachRow(last.number) { row in
            guard row["class"].string == found.name, let name = row["device_name"].string else { return }
            if names.count < ReconcileActions.most { names.append(name) } else { left += 1 }
        }
        return (names, left)
    }
}

extension CommandContext {
    /// - Throws: ``StationCommand/CommandError`` where no cloud is configured.
    func reconcileDesk() throws -> ReconcileDesk {
        guard let desk else { throw StationCommand.CommandError(description: "no cloud is configured", zh: "没有配置云端") }
        return ReconcileDesk(journal: journal, desk: desk, profiles: profiles, actor: actor)
    }
}
