/// A timer on Swift's shared pool, and how late it rang: what blocking work on the pool would show in.
enum TimerLateness {
    /// How often the timer rings.
    static let interval = Duration.milliseconds(10)

    /// Rings until the task is cancelled.
    /// - Returns: how late each ring came.
    @concurrent
    static func sample() async -> BenchSamples {
        var late: [Duration] = []
        var due = ContinuousClock.now + interval
        while (try? await Task.sleep(until: due, tolerance: .zero, clock: .continuous)) != nil {
            let now = ContinuousClock.now
            late.append(now - due)
            // A ring that came too late does not make the ones after it late.
            due = max(due, now) + interval
        }
        return BenchSamples(late)
    }

    /// Rings while `body` runs.
    static func during<R: Sendable>(
        _ body: @escaping @Sendable () async throws -> R
    ) async throws -> (result: R, lateness: BenchSamples) {
        try await withThrowingTaskGroup(of: Part<R>.self) { group in
            group.addTask { .lateness(await sample()) }
            group.addTask { .result(try await body()) }
            var result: R?
            var lateness = BenchSamples([])
            while let part = try await group.next() {
                switch part {
                case .result(let value):
                    result = value
                    group.cancelAll()
                case .lateness(let samples): lateness = samples
                }
            }
            guard let result else { throw CancellationError() }
            return (result, lateness)
        }
    }

    private enum Part<R: Sendable>: Sendable {
        case result(R)
        case lateness(BenchSamples)
    }
}
