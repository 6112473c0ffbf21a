/// The arithmetic of ``RateLimiter``: tokens, and who waits for them. Without a clock of its own.
struct TokenBucket {
    private let perSecond: Double
    private let burst: Double
    private var tokens: Double
    private var filledAt: Duration = .zero
    private var queues: [[UInt64]]

    init(perSecond: Double, burst: Int) {
        self.perSecond = max(perSecond, 0.001)
        self.burst = Double(max(burst, 1))
        tokens = self.burst
        queues = Array(repeating: [], count: RateLimiter.Priority.allCases.count)
    }

    var isEmpty: Bool { queues.allSatisfy(\.isEmpty) }

    /// Takes a token if one is there and nobody as urgent waits; otherwise queues and returns false.
    mutating func acquire(_ id: UInt64, _ priority: RateLimiter.Priority, now: Duration) -> Bool {
        refill(now)
        if tokens >= 1, queues[...priority.rawValue].allSatisfy(\.isEmpty) {
            tokens -= 1
            return true
        }
        queues[priority.rawValue].append(id)
        return false
    }

    mutating func cancel(_ id: UInt64) {
        for index in queues.indices { queues[index].removeAll { $0 == id } }
    }

    /// The waiting calls that may go now, in order.
    mutating func grant(now: Duration) -> [UInt64] {
        refill(now)
        var granted: [UInt64] = []
        while tokens >= 1, let index = queues.firstIndex(where: { !$0.isEmpty }) {
            tokens -= 1
            granted.append(queues[index].removeFirst())
        }
        return granted
    }

    /// Time until a waiting call may go; nil if none waits.
    func untilNextGrant(now: Duration) -> Duration? {
        guard !isEmpty else { return nil }
        let missing = max(0, 1 - tokens) / perSecond
        // One microsecond more, so that rounding never wakes just before the token is whole.
        return .seconds(missing) + .microseconds(1)
    }

    private mutating func refill(_ now: Duration) {
        guard now > filledAt else { return }
        tokens = min(burst, tokens + (now - filledAt) / .seconds(1) * perSecond)
        filledAt = now
    }
}
