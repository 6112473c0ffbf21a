import Locking
import NIOCore
import NIOPosix

/// This station's share of the account's calls per second, given out by priority.
///
/// A token bucket: calls go at once while tokens last, then one by one as they come back. Waiting calls of a higher
/// priority go first, however late they came; within a priority the first come is the first served. A cancelled wait
/// takes no token. Usable from any task.
public final class RateLimiter: Sendable {
    /// Who is calling, the most urgent first.
    public enum Priority: Int, Sendable, CaseIterable, Comparable {
        /// A board on a slot waits for it.
        case running
        /// Reset, replace, scrap and the like: a person waits for it.
        case workflow
        /// Leak watch and health.
        case watch
        case reconcile

        public static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
    }

    private struct Waiting {
        var bucket: TokenBucket
        var continuations: [UInt64: CheckedContinuation<Void, any Error>] = [:]
        var nextID: UInt64 = 0
        var isTimerSet = false

        /// When to look again; nil if a timer is set already or nobody waits.
        mutating func wakeUp(_ now: Duration) -> Duration? {
            guard !isTimerSet, let delay = bucket.untilNextGrant(now: now) else { return nil }
            isTimerSet = true
            return delay
        }
    }

    private let state: Locked<Waiting>
    private let eventLoop: any EventLoop
    private let start = NIODeadline.now()

    /// - Parameters:
    ///   - perSecond: the station's share, above 0; smaller values are taken as one call in 1,000 s.
    ///   - burst: calls that may go at once after a pause, at least 1.
    public init(perSecond: Double, burst: Int) {
        state = Locked(Waiting(bucket: TokenBucket(perSecond: perSecond, burst: burst)))
        eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    }

    /// Returns when a call may be made.
    ///
    /// - Throws: `CancellationError` if the task is cancelled first.
    public func acquire(_ priority: Priority = .running) async throws {
        try Task.checkCancellation()
        let id = state.withLock { waiting in
            waiting.nextID += 1
            return waiting.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(continuation, id: id, priority)
            }
        } onCancel: {
            let cancelled = state.withLock { waiting in
                waiting.bucket.cancel(id)
                return waiting.continuations.removeValue(forKey: id)
            }
            cancelled?.resume(throwing: CancellationError())
        }
    }

    private func enqueue(_ continuation: CheckedContinuation<Void, any Error>, id: UInt64, _ priority: Priority) {
        enum Outcome {
            case go, cancelled, wait(Duration?)
        }
        let outcome = state.withLock { waiting -> Outcome in
            // The task's flag is set before its cancellation handler runs, and that one needs the lock: no gap.
            if Task.isCancelled { return .cancelled }
            if waiting.bucket.acquire(id, priority, now: now) { return .go }
            waiting.continuations[id] = continuation
            return .wait(waiting.wakeUp(now))
        }
        switch outcome {
        case .go: continuation.resume()
        case .cancelled: continuation.resume(throwing: CancellationError())
        case .wait(let delay): schedule(delay)
        }
    }

    private func schedule(_ delay: Duration?) {
        guard let delay else { return }
        eventLoop.scheduleTask(in: TimeAmount(delay)) { self.tick() }
    }

    private func tick() {
        let (granted, delay) = state.withLock { waiting in
            waiting.isTimerSet = false
            let granted = waiting.bucket.grant(now: now).compactMap { waiting.continuations.removeValue(forKey: $0) }
            return (granted, waiting.wakeUp(now))
        }
        for continuation in granted { continuation.resume() }
        schedule(delay)
    }

    private var now: Duration { Duration(NIODeadline.now() - start) }
}
