import Synchronization

/// A connection's messages on their way from the event loop to the one reader, counted, so that the event loop knows
/// when the reader is behind and when there is room again. It holds nothing back itself.
final class MessageFeed: Sendable {
    /// Messages unread at which ``add(_:)`` asks for a pause.
    let capacity: Int
    private let count = Atomic(0)
    private let stored: AsyncStream<Packet.Publish>
    private let continuation: AsyncStream<Packet.Publish>.Continuation

    init(capacity: Int) {
        self.capacity = capacity
        (stored, continuation) = AsyncStream.makeStream()
    }

    /// Messages added and not read yet.
    var unread: Int { count.load(ordering: .acquiring) }

    /// The messages for the reader. `whenRoom` is called from any thread when half the capacity has become free again,
    /// and when the reader's task was cancelled: what comes then is dropped, nobody waits for it.
    func messages(whenRoom: @escaping @Sendable () -> Void) -> AsyncStream<Packet.Publish> {
        continuation.onTermination = { _ in whenRoom() }
        return AsyncStream(
            unfolding: { [self] in
                var iterator = stored.makeAsyncIterator()
                guard let message = await iterator.next() else { return nil }
                if count.subtract(1, ordering: .acquiringAndReleasing).newValue == capacity / 2 { whenRoom() }
                return message
            },
            onCancel: { [continuation] in continuation.finish() })
    }

    /// Returns whether the reader is so far behind that no more should be read from the server for now.
    func add(_ message: Packet.Publish) -> Bool {
        // Counted first: the reader may take it at once.
        let unread = count.add(1, ordering: .acquiringAndReleasing).newValue
        if case .terminated = continuation.yield(message) {
            count.subtract(1, ordering: .releasing)
            return false
        }
        return unread >= capacity
    }

    func finish() { continuation.finish() }
}
