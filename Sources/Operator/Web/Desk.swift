import Execution
import Journal
import Logging
import Provisioning
import Reports

/// What the routes work with.
struct Desk: Sendable {
    let configuration: OperatorConfiguration
    let station: StationFacts
    let journal: Journal
    let people: People
    let sessions: Sessions
    let signIn: SignIn
    let feed: Feed
    let epoch: String
    let clock: OperatorClock
    let logger: Logger
    /// Carries out a change that somebody asks for.
    let perform: @Sendable (StationCommand, _ actor: String) async throws -> JSONValue
    /// Asks the line; nil where there is nothing to add to the answer.
    private let ask: @Sendable (LineRequest, _ actor: String) async throws -> Bilingual?
    let profiles: [String: BoardProfile]
    let scans: ScanDesk
    let reports: ReportDesk
    /// What reports are printed by.
    let sheet: ReportSheet

    init(
        configuration: OperatorConfiguration, station: StationFacts, journal: Journal, people: People,
        sessions: Sessions, signIn: SignIn, feed: Feed, epoch: String, clock: OperatorClock, logger: Logger,
        profiles: [String: BoardProfile], scans: ScanDesk, reports: ReportDesk, sheet: ReportSheet,
        perform: @escaping @Sendable (StationCommand, String) async throws -> JSONValue,
        ask: @escaping @Sendable (LineRequest, String) async throws -> Bilingual?
    ) {
        (self.configuration, self.station, self.journal) = (configuration, station, journal)
        (self.people, self.sessions, self.signIn, self.feed) = (people, sessions, signIn, feed)
        (self.epoch, self.clock, self.logger, self.profiles) = (epoch, clock, logger, profiles)
        (self.scans, self.reports, self.sheet, self.perform, self.ask) = (scans, reports, sheet, perform, ask)
    }

    /// Whether somebody with this permission is signed in now.
    func isSignedIn(_ permission: Permission) -> Bool {
        sessions.persons.contains { people.person($0)?.may(permission) ?? false }
    }

    /// Asks the line.
    @discardableResult
    func request(_ request: LineRequest, _ actor: String) async throws -> Bilingual? { try await ask(request, actor) }

    /// The session as the API shows it.
    func json(_ caller: Caller) -> JSONValue {
        let left = caller.session.map { sessions.timeLeft($0).wholeSeconds }
        return [
            "person": caller.person?.json ?? .null, "csrf": .init(caller.session?.csrf),
            "idle_seconds": .int(left ?? Int64(configuration.idleMinutes * 60)),
            "first_start": .bool(signIn.startCode != nil),
        ]
    }
}
