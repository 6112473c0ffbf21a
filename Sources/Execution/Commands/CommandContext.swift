public import Journal
public import Provisioning

/// What a command is carried out with.
public struct CommandContext: Sendable {
    public let journal: Journal
    public let releases: ReleaseStore
    /// The board profiles the station knows, by name.
    public let profiles: [String: BoardProfile]
    /// nil where no command that needs the cloud will come.
    public let desk: CloudDesk?
    /// The running line; nil where no daemon runs.
    public let line: Line?
    /// Who asks, for the journal.
    public let actor: String

    public init(
        journal: Journal, releases: ReleaseStore, profiles: [String: BoardProfile], desk: CloudDesk?,
        line: Line? = nil, actor: String
    ) {
        (self.journal, self.releases, self.profiles) = (journal, releases, profiles)
        (self.desk, self.line, self.actor) = (desk, line, actor)
    }

    /// A workflow on the unit of that name.
    func workflow(_ deviceName: String, reason: String, second: String?) async throws -> UnitWorkflow {
        guard let desk else { throw StationCommand.CommandError(description: "no cloud is configured") }
        let unit = try await journal.unit(deviceName: deviceName)
        guard let order = try await journal.order(unit.order) else {
            throw JournalError(.notFound, "order \(unit.order) of unit \(unit.deviceName) is not there")
        }
        return UnitWorkflow(
            journal: journal, desk: desk, unit: unit, order: order, reason: reason, second: second, actor: actor)
    }
}

extension StationCommand.OrderDraft {
    /// - Throws: ``StationCommand/CommandError`` naming the first thing that is wrong.
    func terms(_ profiles: [String: BoardProfile]) throws -> WorkOrder.Terms {
        func refuse(_ sentence: String) -> StationCommand.CommandError { .init(description: sentence) }
        guard (1...32).contains(productKey.count),
            productKey.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else { throw refuse("ProductKey \"\(productKey)\": expected 1 to 32 letters and digits") }
        let board = try StationCommand.profile(profile, profiles)
        guard let registration = RegistrationMode(rawValue: mode) else {
            throw refuse("mode \"\(mode)\": expected pre-registered or no-preregistration")
        }
        guard let kind = ActivationMode(activation) else {
            throw refuse("activation \"\(activation)\": expected board, relay or sample=N with N from 2 to 1000")
        }
        guard kind != .relay || board.relay != nil else {
            throw refuse("board profile \(profile) has no [relay]: its boards cannot be handed a credential")
        }
        let span = window.flatMap { ProductionWindow($0) }
        if let window, span == nil {
            throw refuse("window \"\(window)\": expected FROM/UNTIL, each as 2026-11-25T08:00:00Z, the later one last")
        }
        return WorkOrder.Terms(
            productKey: productKey, release: release, profile: profile, quota: quota, registration: registration,
            activation: kind, window: span,
            rules: OrderRules(
                labelScan: labelScan, firstArticle: firstArticle, stopsOnRepetition: stopOnRepetition))
    }
}
