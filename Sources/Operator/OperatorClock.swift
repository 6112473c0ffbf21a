public import Foundation

/// The two clocks of the page: the wall's for what people read, the steady one for what is waited for.
public struct OperatorClock: Sendable {
    public let wall: @Sendable () -> Date
    public let steady: @Sendable () -> ContinuousClock.Instant

    public init(
        wall: @escaping @Sendable () -> Date = { Date() },
        steady: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        (self.wall, self.steady) = (wall, steady)
    }
}
