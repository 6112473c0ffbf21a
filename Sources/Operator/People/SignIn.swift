import Execution
import Journal
import Locking
import Provisioning

/// Signing in and off: badge and PIN, lock-out, the first start's one-time code.
final class SignIn: Sendable {
    private struct State {
        var lockout = Lockout()
        /// The code that makes the first engineer; nil once used or guessed at too often.
        var startCode: String?
        var wrongCodes = 0
    }

    /// Wrong codes after which the first start's code is void until the station is started again.
    static let codeAttempts = 5

    private let people: People
    private let sessions: Sessions
    private let journal: Journal
    private let clock: OperatorClock
    private let state: Locked<State>

    /// Where nobody may sign in yet, makes the one-time code.
    init(people: People, sessions: Sessions, journal: Journal, clock: OperatorClock) {
        (self.people, self.sessions, self.journal, self.clock) = (people, sessions, journal, clock)
        state = Locked(State(startCode: people.isEmpty ? RandomText.code() : nil))
    }

    /// The code that makes the first engineer, to be shown on the station's own terminal only; nil once there is one.
    var startCode: String? { state.withLock { $0.startCode } }

    /// Signs a person in.
    /// - Throws: ``Problem``: 401 for a wrong badge or PIN, which of the two is not told; 429 while the badge is locked.
    func open(badge: Secret, pin: Secret) async throws -> (session: Sessions.Session, cookie: String) {
        let person = try await prove(badge: badge, pin: pin)
        try await PersonRecord.signedIn(id: person.id).append(to: journal)
        return sessions.open(person: person.id)
    }

    /// Who has this badge and PIN; for a second signature, without signing in.
    func prove(badge: Secret, pin: Secret) async throws -> Person {
        let digest = try await people.digest(badge: badge)
        let wait = state.withLock {
            $0.lockout.begin(digest, at: clock.steady(), isKnown: { people.hasBadge(digest: $0) })
        }
        if let wait { throw Problem.locked(wait) }
        let found: Person?
        do { found = try await people.prove(badgeDigest: digest, pin: pin) } catch {
            state.withLock { $0.lockout.takeBack(digest) }
            throw error
        }
        guard let person = found else { throw Problem.wrongSignIn }
        state.withLock { $0.lockout.succeed(digest) }
        return person
    }

    /// Makes the first engineer and signs them in.
    /// - Throws: ``Problem``: 409 where there is somebody already, 401 for a wrong code.
    func start(code: String, name: String, badge: Secret, pin: Secret) async throws
        -> (session: Sessions.Session, cookie: String)
    {
        let expected = state.withLock { state in
            defer { state.startCode = nil }
            return state.startCode
        }
        guard let expected else { throw Problem.noFirstStart }
        // While it is tried nobody else can: it is put back unless it was right.
        guard RandomText.isSame(code.uppercased(), expected) else {
            state.withLock { state in
                state.wrongCodes += 1
                if state.wrongCodes < Self.codeAttempts { state.startCode = expected }
            }
            throw Problem.wrongCode
        }
        do {
            let person = try await people.add(
                name: name, role: .engineer, badge: badge, pin: pin, by: "station: first start")
            try await PersonRecord.signedIn(id: person.id).append(to: journal)
            return sessions.open(person: person.id)
        } catch {
            if people.isEmpty { state.withLock { $0.startCode = expected } }
            throw error
        }
    }

    /// Signs off.
    func close(_ session: Sessions.Session, cause: String = "person") async throws {
        sessions.close(session.id)
        try await PersonRecord.signedOff(id: session.person, cause: cause).append(to: journal)
    }

    /// Signs everybody off.
    func closeAll(cause: String) async throws {
        for person in sessions.closeAll().sorted() {
            try await PersonRecord.signedOff(id: person, cause: cause).append(to: journal)
        }
    }

    /// Ends the sessions of somebody whose rights have changed.
    func close(person: String) async throws {
        guard sessions.persons.contains(person) else { return }
        sessions.close(person: person)
        try await PersonRecord.signedOff(id: person, cause: "changed").append(to: journal)
    }

    /// Signs off who has done nothing for too long.
    func sweep() async throws {
        for person in sessions.sweep() {
            try await PersonRecord.signedOff(id: person, cause: "idle").append(to: journal)
        }
    }
}
