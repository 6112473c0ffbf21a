import Execution
import Journal
import Logging
import Provisioning

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
