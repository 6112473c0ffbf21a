import MQTT
import NIOCore

/// A broker of a few lines for the tests: QoS 0 and 1, clean sessions, no retained messages.
actor TestBroker {
    private var sessions: [Int: (peer: Peer, filters: [Packet.Subscription])] = [:]
    private var lastSession = 0
    private var lastID: UInt16 = 0

    /// One element for each SUBSCRIBE that was granted.
    nonisolated let subscribed: AsyncStream<String>
    /// Everything that was published to this broker.
    nonisolated let published: AsyncStream<Packet.Publish>
    private nonisolated let subscribedFeed: AsyncStream<String>.Continuation
    private nonisolated let publishedFeed: AsyncStream<Packet.Publish>.Continuation

    init() {
        (subscribed, subscribedFeed) = AsyncStream.makeStream()
        (published, publishedFeed) = AsyncStream.makeStream()
    }

    nonisolated func serve(_ peer: Peer) async {
        let session = await open(peer)
        do {
            try await peer.send(.connack(sessionPresent: false, code: 0))
            for await packet in peer.inbound {
                switch packet {
                case .publish(let message):
                    if let id = message.id { try await peer.send(.puback(id: id)) }
                    publishedFeed.yield(message)
                    try await route(message)
                case .subscribe(let id, let lines):
                    await add(lines, to: session)
                    try await peer.send(.suback(id: id, codes: lines.map(\.qos.rawValue)))
                    for line in lines { subscribedFeed.yield(line.filter) }
                case .unsubscribe(let id, let filters):
                    await remove(filters, from: session)
                    try await peer.send(.unsuback(id: id))
                case .pingreq:
                    try await peer.send(.pingresp)
                case .disconnect:
                    return await close(session)
                default:
                    break
                }
            }
        } catch {}
        await close(session)
    }

    private func open(_ peer: Peer) -> Int {
        lastSession += 1
        sessions[lastSession] = (peer, [])
        return lastSession
    }

    private func close(_ session: Int) { sessions[session] = nil }

    private func add(_ lines: [Packet.Subscription], to session: Int) { sessions[session]?.filters += lines }

    private func remove(_ filters: [String], from session: Int) {
        sessions[session]?.filters.removeAll { filters.contains($0.filter) }
    }

    private func route(_ message: Packet.Publish) async throws {
        for (peer, filters) in sessions.values {
            let granted = filters.filter { topicMatches(filter: $0.filter, topic: message.topic) }.map(\.qos).max()
            guard let granted else { continue }
            var copy = Packet.Publish(
                topic: message.topic, payload: message.payload, qos: min(granted, message.qos))
            if copy.qos == .atLeastOnce {
                lastID = lastID == .max ? 1 : lastID + 1
                copy.id = lastID
            }
            try await peer.send(.publish(copy))
        }
    }
}

/// Runs `body` with the listener's port, while it listens.
func withListener<R: Sendable>(
    _ listener: Listener, handler: @escaping @Sendable (Peer) async -> Void,
    _ body: @escaping @Sendable (Int) async throws -> R
) async throws -> R {
    let (ports, feed) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: R?.self) { group in
        group.addTask {
            defer { feed.finish() }
            try await listener.run(onListening: { feed.yield($0) }, handler: handler)
            return nil
        }
        group.addTask {
            for await port in ports { return try await body(port) }
            return nil
        }
        defer { group.cancelAll() }
        while let result = try await group.next() {
            if let result { return result }
        }
        throw CancellationError()
    }
}
