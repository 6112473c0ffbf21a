import MQTT
import NIOCore
import Testing

@Suite("Listener", .timeLimit(.minutes(2)))
struct ListenerTests {
    private static let hello: [UInt8] = [0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 1, 97]

    private func isAlive(_ port: Int) async throws {
        try await Connection.withConnection(
            to: "127.0.0.1", port: port, tls: nil, connect: .init(clientID: "b"), deadline: .seconds(30)
        ) { try await $0.publish(topic: "a", payload: ByteBuffer()) }
    }

    @Test("a client that says nothing, or half a CONNECT, is dropped at the deadline", arguments: [0, 1, 10])
    func deadline(_ count: Int) async throws {
        let listener = Listener(host: "127.0.0.1", port: 0, tls: nil, handshakeDeadline: .milliseconds(100))
        try await withListener(listener, handler: TestBroker().serve) { port in
            let answer = try await RawPeer.connect(port: port) { peer in
                // On a slow machine the deadline may be over before this; then it says nothing, to the same end.
                try? await peer.send(Array(Self.hello.prefix(count)))
                return await peer.readToEnd()
            }
            #expect(answer.isEmpty)
        }
    }

    @Test("malformed packets close their connection, the listener goes on", arguments: MalformedPacketTests.table)
    func malformed(_ what: String, _ bytes: [UInt8], _ code: WireError.Code) async throws {
        let listener = Listener(host: "127.0.0.1", port: 0, tls: nil)
        try await withListener(listener, handler: TestBroker().serve) { port in
            let first = try await RawPeer.connect(port: port) { peer in
                try await peer.send(bytes)
                return await peer.readToEnd()
            }
            // Only another protocol level is answered, with CONNACK 1 [MQTT-3.1.2-2].
            #expect(first == (code == .badLevel ? [0x20, 2, 0, 1] : []), "\(what)")
            _ = try await RawPeer.connect(port: port) { peer in
                try await peer.send(Self.hello + bytes)
                return await peer.readToEnd()
            }
            try await isAlive(port)
        }
    }

    @Test(
        "packets out of turn close the connection",
        arguments: [
            [0xC0, 0],  // PINGREQ before CONNECT [MQTT-3.1.0-1]
            hello + hello,  // a second CONNECT [MQTT-3.1.0-2]
            hello + [0x20, 2, 0, 0],  // CONNACK from a client
            hello + [0xD0, 0],  // PINGRESP from a client
        ])
    func outOfTurn(_ bytes: [UInt8]) async throws {
        try await withListener(Listener(host: "127.0.0.1", port: 0, tls: nil), handler: TestBroker().serve) { port in
            _ = try await RawPeer.connect(port: port) { peer in
                try await peer.send(bytes)
                return await peer.readToEnd()
            }
            try await isAlive(port)
        }
    }

    @Test("an empty client identifier needs a clean session, else CONNACK 2 [MQTT-3.1.3-8]")
    func emptyIdentifier() async throws {
        try await withListener(Listener(host: "127.0.0.1", port: 0, tls: nil), handler: TestBroker().serve) { port in
            let answer = try await RawPeer.connect(port: port) { peer in
                try await peer.send([0x10, 12, 0, 4, 77, 81, 84, 84, 4, 0, 0, 60, 0, 0])
                return await peer.readToEnd()
            }
            #expect(answer == [0x20, 2, 0, 2])
        }
    }

    @Test("a peer silent for 1.5 times its keep-alive is closed [MQTT-3.1.2-24]")
    func silence() async throws {
        try await withListener(Listener(host: "127.0.0.1", port: 0, tls: nil), handler: TestBroker().serve) { port in
            let answer = try await RawPeer.connect(port: port) { peer in
                try await peer.send([0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 0, 1, 0, 1, 97])
                return await peer.readToEnd()
            }
            #expect(answer == [0x20, 2, 0, 0])
        }
    }

    @Test("one peer more than the maximum is closed at once, and there is room again when one has gone")
    func maximum() async throws {
        let listener = Listener(host: "127.0.0.1", port: 0, tls: nil, maximumConnections: 1)
        try await withListener(listener, handler: TestBroker().serve) { port in
            try await RawPeer.connect(port: port) { first in
                try await first.send(Self.hello)
                for try await _ in first.inbound { break }
                let answer = try await RawPeer.connect(port: port) { second in
                    try? await second.send(Self.hello)
                    return await second.readToEnd()
                }
                #expect(answer.isEmpty)
            }
            // The first one's end reaches the listener a moment later, so its place is asked for until it is free.
            while (try? await isAlive(port)) == nil { await Task.yield() }
        }
    }

    @Test("a peer whose reader is slow is held back, and loses nothing")
    func backPressure() async throws {
        let count = 5_000
        let (done, feed) = AsyncStream.makeStream(of: Int.self)
        try await withListener(Listener(host: "127.0.0.1", port: 0, tls: nil)) { peer in
            try? await peer.send(.connack(sessionPresent: false, code: 0))
            var seen = 0
            for await packet in peer.inbound {
                guard case .publish(let message) = packet else { break }
                #expect(message.payload.getInteger(at: message.payload.readerIndex, as: Int.self) == seen)
                seen += 1
                await Task.yield()
            }
            feed.yield(seen)
        } _: { port in
            try await Connection.withConnection(
                to: "127.0.0.1", port: port, tls: nil, connect: .init(clientID: "a", keepAlive: 0),
                deadline: .seconds(30)
            ) { connection in
                for number in 0..<count {
                    try await connection.publish(topic: "a", payload: ByteBuffer(integer: number), qos: .atMostOnce)
                }
            }
            for await seen in done {
                #expect(seen == count)
                break
            }
        }
    }

    @Test("a cancelled listener closes its peers and returns")
    func cancelled() async throws {
        let (ports, feed) = AsyncStream.makeStream(of: Int.self)
        let (handled, handledFeed) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Listener(host: "127.0.0.1", port: 0, tls: nil).run(onListening: { feed.yield($0) }) { peer in
                    handledFeed.yield()
                    for await _ in peer.inbound {}
                }
            }
            for await port in ports {
                try await RawPeer.connect(port: port) { peer in
                    try await peer.send(Self.hello)
                    for await _ in handled { break }
                }
                break
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
