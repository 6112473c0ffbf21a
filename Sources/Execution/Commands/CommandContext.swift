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
    /// What archives are written with; nil where no batch is ended.
    public let batches: BatchSettings?
    /// Who asks, for the journal.
    public let actor: String

    public init(
        journal: Journal, releases: ReleaseStore, profiles: [String: BoardProfile], desk: CloudDesk?,
        line: Line? = nil, batches: BatchSettings? = nil, actor: String
    ) {
        (self.journal, self.releases, self.profiles) = (journal, releases, profiles)
        (self.desk, self.line, self.batches, self.actor) = (desk, line, batches, actor)
    }

    /// A workflow on the unit of that name.
    func workflow(_ deviceName: String, reason: String, second: String?) async throws -> UnitWorkflow {
        guard let desk else { throw StationCommand.CommandError(description: "no cloud is configured", zh: "没有配置云端") }
        let unit = try await journal.unit(deviceName: deviceName)
        guard let order = try await journal.order(unit.order) else {
            throw JournalError(.notFound, "order \(unit.order) of unit \(unit.deviceName) is not there")
        }
        return UnitWorkflow(
            journal: journal, desk: desk, unit: unit, order: order, reason: reason, second: second, actor: actor)
    }
}
