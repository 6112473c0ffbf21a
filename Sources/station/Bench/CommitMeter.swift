import Foundation

/// Durable commits in a set time, one for each writer at least: how many, and how long each one took its writer.
struct CommitMeter: Sendable {
    private(set) var latencies: [Duration] = []
    private(set) var measured = Duration.zero

    var samples: BenchSamples { BenchSamples(latencies) }

    /// Commits a second; nil before the first slice.
    var perSecond: Double? {
        measured > .zero ? Double(latencies.count) / (measured / .seconds(1)) : nil
    }

    /// One slice with tasks as writers, as slots are.
    mutating func measure(
        writers: Int, for slice: Duration, _ commit: @escaping @Sendable () async throws -> Void
    ) async throws {
        let start = ContinuousClock.now
        let end = start + slice
        let all = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<writers {
                group.addTask {
                    var own: [Duration] = []
                    var before = ContinuousClock.now
                    repeat {
                        try await commit()
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

    /// One slice with threads as writers, for what blocks.
    mutating func measureOnThreads(
        writers: Int, for slice: Duration, _ commit: @escaping @Sendable () throws -> Void
    ) async throws {
        let start = ContinuousClock.now
        let end = start + slice
        let all = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<writers { group.addTask { try await Self.onThread { try Self.commits(until: end, commit) } } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        latencies += all
        measured += ContinuousClock.now - start
    }

    private static func commits(until end: ContinuousClock.Instant, _ commit: () throws -> Void) throws -> [Duration] {
        var own: [Duration] = []
        var before = ContinuousClock.now
        repeat {
            try commit()
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
