/// Holds a slot's progress back so that it is sent at most five times a second; everything else goes at once.
struct ProgressPacer: Sendable {
    static let interval = Duration.milliseconds(200)

    private var sent: [String: ContinuousClock.Instant] = [:]
    private var waiting: Set<String> = []

    /// Whether a slot is sent now; if not it is named by ``due(at:)`` when its time has come.
    mutating func admit(_ slot: String, isProgressOnly: Bool, at now: ContinuousClock.Instant) -> Bool {
        if isProgressOnly, let last = sent[slot], last.duration(to: now) < Self.interval {
            waiting.insert(slot)
            return false
        }
        sent[slot] = now
        waiting.remove(slot)
        return true
    }

    /// The slots held back whose time has come; they count as sent.
    mutating func due(at now: ContinuousClock.Instant) -> [String] {
        let due = waiting.filter { slot in sent[slot].map { $0.duration(to: now) >= Self.interval } ?? true }
        for slot in due {
            waiting.remove(slot)
            sent[slot] = now
        }
        return due.sorted()
    }
}
