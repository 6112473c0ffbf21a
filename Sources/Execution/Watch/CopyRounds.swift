/// When another copy of this station is looked for at each product: at once, and then from time to time; sooner, with growing
/// waits, after a look that told nothing.
struct CopyRounds {
    private struct Round {
        /// When the next look is due.
        let due: ContinuousClock.Instant
        /// How long it is waited after the next look that tells nothing.
        let wait: Duration
    }

    /// From a look that told something to the next.
    let interval: Duration
    /// From the first look that told nothing to the next; doubles up to ``interval``.
    let retry: Duration
    private var rounds: [String: Round] = [:]

    init(interval: Duration, retry: Duration) { (self.interval, self.retry) = (interval, retry) }

    func isDue(_ productKey: String, at now: ContinuousClock.Instant) -> Bool {
        rounds[productKey].map { $0.due <= now } ?? true
    }

    /// Takes in that somebody has looked.
    /// - Parameter tells: whether the cloud let itself be asked.
    mutating func note(_ productKey: String, tells: Bool, at now: ContinuousClock.Instant) {
        let wait = min(rounds[productKey]?.wait ?? retry, interval)
        rounds[productKey] =
            tells ? Round(due: now + interval, wait: retry) : Round(due: now + wait, wait: wait * 2)
    }

    /// An order has begun to work with the product: it is looked at once.
    mutating func lookNow(_ productKey: String) { rounds[productKey] = nil }

    /// A shift has begun: it is looked at once, at every product.
    mutating func lookNow() { rounds = [:] }
}
