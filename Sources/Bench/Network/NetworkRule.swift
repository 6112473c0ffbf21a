/// Whose trouble it is when a board cannot join the line's network: the board's, or the network's.
///
/// Network trouble holds units and never fails them. It is the network's where the station's own probe fails, or where
/// two slots fail within a short time of each other; it is the board's otherwise.
public struct NetworkRule: Sendable, Equatable {
    /// A board that did not join.
    public struct JoinFailure: Sendable, Equatable {
        public let slot: String
        public let instant: ContinuousClock.Instant

        public init(slot: String, instant: ContinuousClock.Instant) {
            self.slot = slot
            self.instant = instant
        }
    }

    public enum Verdict: Sendable, Equatable {
        /// The unit fails by its own fault.
        case board
        /// The unit is held: the access point cannot be reached from the station either.
        case probeFailed(reason: String)
        /// The unit is held: these slots failed together, in order of their names.
        case together(slots: [String])

        /// Whether the unit is held rather than failed.
        public var holds: Bool { self != .board }
    }

    /// Failures of two slots that lie at most this far apart are one trouble.
    public var window: Duration
    /// An older reading of the access point tells nothing.
    public var freshness: Duration

    public init(window: Duration = .seconds(30), freshness: Duration = .seconds(30)) {
        self.window = window
        self.freshness = freshness
    }

    /// Judges one failure.
    ///
    /// A failure judged as the board's may turn out to be the network's when another slot fails within the window after
    /// it: judge it again with what came since, before the outcome is final.
    /// - Parameters:
    ///   - others: all failures known, before and after it; those of the same slot do not count.
    ///   - reading: the latest look at the access point.
    public func judge(
        _ failure: JoinFailure, among others: [JoinFailure], reading: AccessPointReading?
    ) -> Verdict {
        if let reading, case .unreachable(let reason) = reading.state,
            distance(reading.instant, failure.instant) <= freshness
        {
            return .probeFailed(reason: reason)
        }
        let slots = Set(
            others.filter { $0.slot != failure.slot && distance($0.instant, failure.instant) <= window }.map(\.slot))
        return slots.isEmpty ? .board : .together(slots: (slots.union([failure.slot])).sorted())
    }

    private func distance(_ first: ContinuousClock.Instant, _ second: ContinuousClock.Instant) -> Duration {
        first < second ? second - first : first - second
    }
}
