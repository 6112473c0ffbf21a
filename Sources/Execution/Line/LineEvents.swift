import Locking

/// Hands the line's events to whoever watches; a watcher that falls behind misses the oldest, never holds up a board.
public final class LineEvents: Sendable {
    private let watchers = Locked<(next: Int, streams: [Int: AsyncStream<LineEvent>.Continuation])>((0, [:]))

    public init() {}

    /// A stream of everything from now on; it ends when the line ends or the watcher stops.
    public func watch(
        _ buffering: AsyncStream<LineEvent>.Continuation.BufferingPolicy = .bufferingNewest(4096)
    ) -> AsyncStream<LineEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: LineEvent.self, bufferingPolicy: buffering)
        let key = watchers.withLock { state in
            state.next += 1
            state.streams[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.watchers.withLock { state in _ = state.streams.removeValue(forKey: key) }
        }
        return stream
    }

    /// Tells every watcher. For the line itself, and for measurements that play one.
    package func send(_ event: LineEvent) {
        for stream in watchers.withLock({ Array($0.streams.values) }) { stream.yield(event) }
    }

    /// Ends every stream.
    func finish() {
        let streams = watchers.withLock { state in
            defer { state.streams = [:] }
            return Array(state.streams.values)
        }
        for stream in streams { stream.finish() }
    }
}
