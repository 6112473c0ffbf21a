import Foundation

/// One case of a measurement: how often a server did something, and how busy both sides were meanwhile.
struct CloudCase: Sendable {
    private(set) var rate = RateMeter()
    /// Processor time of the server, and of this process with its load generator; nil where it could not be read.
    private(set) var server: Duration? = .zero
    private(set) var load: Duration? = .zero

    /// Above this share of one core the load generator may be what is slow.
    static let busyShare = 0.7

    init() {}

    /// - Parameters:
    ///   - server: the server's processor time, and `load` this process's, as long as `rate` was measured.
    init(rate: RateMeter, server: Duration?, load: Duration?) {
        (self.rate, self.server, self.load) = (rate, server, load)
    }

    /// Shares of one core.
    var serverShare: Double? { BenchText.quotient(server, rate.measured) }
    var loadShare: Double? { BenchText.quotient(load, rate.measured) }

    /// Processor time that the server needed for one operation.
    var serverEach: Duration? {
        let count = rate.latencies.count
        return count > 0 ? server.map { $0 / count } : nil
    }

    /// One slice against `process`.
    mutating func measure(
        workers: Int, for slice: Duration, against process: ProcessTime,
        _ operation: @escaping @Sendable () async throws -> Void
    ) async throws {
        let own = ProcessTime(id: ProcessInfo.processInfo.processIdentifier)
        let before = (server: process.used, load: own.used)
        try await rate.measure(workers: workers, for: slice, operation)
        server = Self.sum(server, before.server, process.used)
        load = Self.sum(load, before.load, own.used)
    }

    private static func sum(_ sum: Duration?, _ before: Duration?, _ after: Duration?) -> Duration? {
        guard let sum, let before, let after else { return nil }
        return sum + (after - before)
    }
}
