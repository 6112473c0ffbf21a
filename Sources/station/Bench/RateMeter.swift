import Foundation

/// Operations in a set time, one for each worker at least: how many, and how long each one took its worker.
///
/// The operations are durable commits of a journal, or connections and registrations of a cloud.
struct RateMeter: Sendable {
    private(set) var latencies: [Duration] = []
    private(set) var measured = Duration.zero

    var samples: BenchSamples { BenchSamples(latencies) }

    /// Operations a second; nil before the first slice.
    var perSecond: Double? {
        measured > .zero ? Double(latencies.count) / (measured / .seconds(1)) : nil
    }

    /// One slice with tasks as workers, as slots are.
    mutating func measure(
        workers: Int, for slice: Duration, _ operation: @escaping @Sendable () async throws -> Void
    ) async throws {
        let start = ContinuousClock.now
        let end = start + slice
        let all = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<workers {
                group.addTask {
                    var own: [Duration] = []
                    var before = ContinuousClock.now
                    repeat {
                        try await operation()
                        let after = ContinuousClock.now
                        own.append(after - before)
                        before = after
                    } while before < end
                    return own
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        latencies += all
        measured += ContinuousClock.now - start
    }

    /// One slice with threads as workers, for what blocks.
    mutating func measureOnThreads(
        workers: Int, for slice: Duration, _ operation: @escaping @Sendable () throws -> Void
    ) async throws {
        let start = ContinuousClock.now
        let end = start + slice
        let all = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<workers {
                group.addTask { try await Self.onThread { try Self.operations(until: end, operation) } }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        latencies += all
        measured += ContinuousClock.now - start
    }

    private static func operations(until end: ContinuousClock.Instant, _ operation: () throws -> Void) throws
        -> [Duration]
    {
        var own: [Duration] = []
        var before = ContinuousClock.now
        repeat {
            try operation()
            let after = ContinuousClock.now
            own.append(after - before)
            before = after
        } while before < end
        return own
    }

    private static func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try body() }) }.start()
        }
    }
}
