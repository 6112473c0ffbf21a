/// Decides after a failed call whether and when it is made again. Without a clock of its own.
///
/// Waits grow from 0.25 s, doubling up to 8 s, each taken at random between half and all of it, so that stations that
/// failed together do not come back together. A wait the cloud asks for is kept, with the random part on top.
struct BackOff {
    enum Decision: Equatable {
        case wait(Duration)
        case giveUp
    }

    /// Whether the call may be made again although it may have had an effect.
    let isRepeatable: Bool
    private var step: Duration = .milliseconds(250)

    init(isRepeatable: Bool) { self.isRepeatable = isRepeatable }

    /// - Parameters:
    ///   - remaining: what is left of the caller's time. A wait that would leave less than a second for the attempt
    ///     is not begun: a call cut short would hide the true cause, and leave the effect of a write unknown.
    ///   - random: 0 to 1.
    mutating func decide(
        after error: CloudError, remaining: Duration, random: Double = .random(in: 0...1)
    ) -> Decision {
        guard error.retry == .backOff, isRepeatable || error.hadNoEffect else { return .giveUp }
        let jittered = step * (0.5 + random / 2)
        step = min(step * 2, .seconds(8))
        let wait = error.retryAfter.map { $0 + jittered } ?? jittered
        return wait + .seconds(1) <= remaining ? .wait(wait) : .giveUp
    }
}
