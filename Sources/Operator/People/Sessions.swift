import Locking

/// Who is signed in at which browser; in memory only, so that a restart signs everybody off.
final class Sessions: Sendable {
    /// One sign-in.
    struct Session: Hashable, Sendable {
        /// Names it inside the station; not the cookie.
        let id: String
        let person: String
        /// What every change must carry besides the cookie.
        let csrf: String
        fileprivate(set) var lastActivity: ContinuousClock.Instant
    }

    /// Sign-ins there may be at once; beyond, the one that has been idle longest ends.
    static let capacity = 256

    private let idle: Duration
    private let clock: OperatorClock
    /// By the digest of the cookie.
    private let sessions = Locked<[String: Session]>([:])

    init(idle: Duration, clock: OperatorClock) { (self.idle, self.clock) = (idle, clock) }

    /// Signs a person in.
    /// - Returns: the session and the cookie's text, which is kept nowhere.
    func open(person: String) -> (session: Session, cookie: String) {
        let cookie = RandomText.token()
        let session = Session(
            id: RandomText.token(), person: person, csrf: RandomText.token(), lastActivity: clock.steady())
        sessions.withLock { sessions in
            if sessions.count >= Self.capacity,
                let oldest = sessions.min(by: { $0.value.lastActivity < $1.value.lastActivity })
            {
                sessions[oldest.key] = nil
            }
            sessions[RandomText.digest(cookie)] = session
        }
        return (session, cookie)
    }

    /// The session of a cookie that has not been idle for too long.
    /// - Parameter isActivity: whether the person does something; looking does not count.
    func find(cookie: String, isActivity: Bool) -> Session? {
        let (key, now) = (RandomText.digest(cookie), clock.steady())
        return sessions.withLock { sessions in
            guard let session = sessions[key] else { return nil }
            guard session.lastActivity.duration(to: now) < idle else { return nil }
            if isActivity { sessions[key]?.lastActivity = now }
            return sessions[key]
        }
    }

    /// Time until the person is signed off for doing nothing.
    func timeLeft(_ session: Session) -> Duration {
        max(.zero, idle - session.lastActivity.duration(to: clock.steady()))
    }

    /// Ends one session.
    func close(_ id: String) { end { $0.id == id } }

    /// Ends every session of a person.
    func close(person: String) { end { $0.person == person } }

    /// Ends every session: the end of a shift.
    /// - Returns: the persons who were signed in.
    @discardableResult
    func closeAll() -> Set<String> {
        sessions.withLock { sessions in
            defer { sessions = [:] }
            return Set(sessions.values.map(\.person))
        }
    }

    /// Ends the sessions that have been idle for too long.
    /// - Returns: whose they were.
    func sweep() -> [String] {
        let now = clock.steady()
        return sessions.withLock { sessions in
            let ended = sessions.filter { $0.value.lastActivity.duration(to: now) >= idle }
            for key in ended.keys { sessions[key] = nil }
            return ended.values.map(\.person).sorted()
        }
    }

    /// The persons who are signed in now.
    var persons: Set<String> {
        let now = clock.steady()
        return sessions.withLock { sessions in
            Set(sessions.values.filter { $0.lastActivity.duration(to: now) < idle }.map(\.person))
        }
    }

    /// The persons who are signed in now; who did something last comes first.
    var latest: [String] {
        let now = clock.steady()
        return sessions.withLock { sessions in
            sessions.values.filter { $0.lastActivity.duration(to: now) < idle }
                .sorted { $0.lastActivity > $1.lastActivity }.map(\.person)
        }
    }

    private func end(_ isMeant: (Session) -> Bool) {
        sessions.withLock { sessions in sessions = sessions.filter { !isMeant($0.value) } }
    }
}
