/// Looks for the line's access point every few seconds, keeps the last reading, and judges boards that cannot join.
public actor NetworkWatch {
    /// The latest look; nil before the first.
    public private(set) var last: AccessPointReading?
    public nonisolated let rule: NetworkRule
    private nonisolated let probe: @Sendable () async -> AccessPointReading
    private let clock: any Clock<Duration>
    private let interval: Duration
    private var failures: [NetworkRule.JoinFailure] = []
    private var listeners: [Int: AsyncStream<AccessPointReading>.Continuation] = [:]
    private var nextListener = 0

    /// - Parameters:
    ///   - probe: one look at the access point; usually ``AccessPointProbe/read()``.
    ///   - clock: what the interval is measured with.
    public init(
        rule: NetworkRule = NetworkRule(), every interval: Duration = .seconds(10),
        clock: any Clock<Duration> = ContinuousClock(), probe: @escaping @Sendable () async -> AccessPointReading
    ) {
        self.rule = rule
        self.interval = interval
        self.clock = clock
        self.probe = probe
    }

    /// Looks until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            await look()
            do { try await clock.sleep(for: interval) } catch { break }
        }
        for listener in listeners.values { listener.finish() }
        listeners = [:]
    }

    /// Looks now and keeps the reading.
    @discardableResult
    public func look() async -> AccessPointReading {
        let reading = await probe()
        guard !Task.isCancelled else { return reading }
        last = reading
        for (number, listener) in listeners {
            if case .terminated = listener.yield(reading) { listeners[number] = nil }
        }
        return reading
    }

    /// Readings from now on, the newest where the reader is slow.
    public func readings() -> AsyncStream<AccessPointReading> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: AccessPointReading.self, bufferingPolicy: .bufferingNewest(16))
        listeners[nextListener] = continuation
        nextListener += 1
        return stream
    }

    /// Takes note of a board that did not join, looks at the access point once more, and judges.
    public func joinFailed(slot: String, at instant: ContinuousClock.Instant = .now) async -> NetworkRule.Verdict {
        let failure = NetworkRule.JoinFailure(slot: slot, instant: instant)
        failures.removeAll { instant - $0.instant > rule.window * 2 }
        failures.append(failure)
        await look()
        return judge(failure)
    }

    /// Judges a failure with all that is known by now, without looking: for one judged before, once the window is over.
    public func judge(_ failure: NetworkRule.JoinFailure) -> NetworkRule.Verdict {
        rule.judge(failure, among: failures, reading: last)
    }
}
