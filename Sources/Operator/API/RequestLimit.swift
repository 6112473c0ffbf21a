import Locking

/// Requests a client may make: 50 a second, 100 at once (a token bucket for each address).
final class RequestLimit: Sendable {
    static let perSecond = 50.0
    static let burst = 100.0
    /// Addresses that are remembered.
    static let capacity = 1024

    private struct Bucket {
        var tokens = burst
        var last: ContinuousClock.Instant
    }

    private let clock: OperatorClock
    private let buckets = Locked<[String: Bucket]>([:])

    init(clock: OperatorClock) { self.clock = clock }

    /// Takes one request of an address; false where it asks too fast.
    func admit(_ address: String) -> Bool {
        let now = clock.steady()
        return buckets.withLock { buckets in
            if buckets.count >= Self.capacity, buckets[address] == nil {
                // Whoever has a full bucket again need not be remembered.
                buckets = buckets.filter { $0.value.last.duration(to: now) < .seconds(3) }
                if buckets.count >= Self.capacity { return false }
            }
            var bucket = buckets[address] ?? Bucket(last: now)
            let passed = bucket.last.duration(to: now) / .seconds(1)
            bucket.tokens = min(Self.burst, bucket.tokens + max(0, passed) * Self.perSecond)
            bucket.last = now
            defer { buckets[address] = bucket }
            guard bucket.tokens >= 1 else { return false }
            bucket.tokens -= 1
            return true
        }
    }
}
