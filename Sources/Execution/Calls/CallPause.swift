/// Pauses between attempts: each twice as long as the last, up to a limit, and none of them exactly the same, so that
/// stations that lost one server together do not come back together.
struct CallPause: Sendable {
    private let first: Duration
    private let longest: Duration
    private var next: Duration

    init(from first: Duration, to longest: Duration) {
        (self.first, self.longest, next) = (first, longest, first)
    }

    /// The pause after a failed attempt: 80 to 120 % of the nominal one.
    mutating func grow() -> Duration {
        defer { next = min(next * 2, longest) }
        return next * Double.random(in: 0.8...1.2)
    }

    /// An attempt has succeeded.
    mutating func reset() { next = first }
}
