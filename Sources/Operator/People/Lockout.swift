/// Counts wrong sign-ins of each badge and locks it for a time that grows.
///
/// An attempt counts as wrong from its beginning until it has succeeded, so that guesses made side by side are counted
/// too. Five are free; from then on every further wrong one doubles the wait, from 30 s to an hour. A badge nobody has is
/// counted like any other.
struct Lockout {
    static let freeAttempts = 5
    static let firstWait = Duration.seconds(30)
    static let longestWait = Duration.seconds(3600)
    /// Badges that are remembered; beyond, those that have failed least are forgotten first.
    static let capacity = 4096

    private struct Entry {
        var failures = 0
        var lockedUntil: ContinuousClock.Instant?
        var last: ContinuousClock.Instant
    }

    private var entries: [String: Entry] = [:]

    /// Begins an attempt.
    /// - Returns: how long the badge is locked yet; nil when the attempt may be made, and is counted.
    ///   - isKnown: whether somebody has that badge; what is held against it is never forgotten for a stranger's.
    mutating func begin(
        _ badge: String, at now: ContinuousClock.Instant, isKnown: (String) -> Bool = { _ in false }
    ) -> Duration? {
        var entry = entries[badge] ?? Entry(last: now)
        if let until = entry.lockedUntil, until > now { return until - now }
        // Who has waited the longest time over again is as good as new.
        if entry.last.duration(to: now) > Self.longestWait * 2 { entry = Entry(last: now) }
        entry.failures += 1
        entry.last = now
        if entry.failures >= Self.freeAttempts {
            let doublings = min(entry.failures - Self.freeAttempts, 10)
            entry.lockedUntil = now + min(Self.firstWait * (1 << doublings), Self.longestWait)
        }
        entries[badge] = entry
        makeRoom(keeping: badge, isKnown)
        return nil
    }

    /// The attempt came to no verdict: it does not count.
    mutating func takeBack(_ badge: String) {
        guard var entry = entries[badge] else { return }
        entry.failures -= 1
        if entry.failures < Self.freeAttempts { entry.lockedUntil = nil }
        entries[badge] = entry.failures > 0 ? entry : nil
    }

    /// The attempt was right: nothing is held against the badge any more.
    mutating func succeed(_ badge: String) { entries[badge] = nil }

    private mutating func makeRoom(keeping badge: String, _ isKnown: (String) -> Bool) {
        guard entries.count > Self.capacity else { return }
        let least = entries.filter { $0.key != badge && !isKnown($0.key) }
            .min { ($0.value.failures, $0.value.last) < ($1.value.failures, $1.value.last) }
        if let least { entries[least.key] = nil }
    }
}
