import Locking
import Glibc
import MQTT
import NIOCore
import NIOPosix
import Testing

@Suite("Client connection", .timeLimit(.minutes(2)))
struct ConnectionTests {
    private func connect<R: Sendable>(
        _ port: Int, deadline: Duration = .seconds(30), keepAlive: UInt16 = 60,
        _ body: @Sendable (Connection) async throws -> R
    ) async throws -> R {
        try await Connection.withConnection(
            to: "127.0.0.1", port: port, tls: nil, connect: .init(clientID: "test", keepAlive: keepAlive),
            deadline: deadline, body)
    }

    @Test("messages go there and back at both qualities of service")
    func roundTrip() async throws {
        let broker = TestBroker()
        let listener = Listener(host: "127.0.0.1", port: 0, tls: nil)
        try await withListener(listener, handler: broker.serve) { port in
            try await connect(port) { connection in
                try await connection.subscribe(["a/+", "b"])
                try await connection.publish(topic: "a/1", payload: ByteBuffer(string: "one"))
                try await connection.publish(topic: "b", payload: ByteBuffer(string: "two"), qos: .atMostOnce)
                var messages = connection.messages.makeAsyncIterator()
                #expect(await messages.next()?.text == "one")
                let second = await messages.next()
                #expect(second?.text == "two" && second?.qos == .atMostOnce)
                try await connection.unsubscribe(["a/+"])
                try await connection.publish(topic: "a/2", payload: ByteBuffer(string: "not wanted"))
                try await connection.publish(topic: "b", payload: ByteBuffer(string: "three"))
                #expect(await messages.next()?.text == "three")
            }
        }
    }

    @Test("two hundred messages published at once are all acknowledged, never more than twenty at a time")
    func window() async throws {
        let open = Locked((now: 0, most: 0, total: 0))
        let listener = Listener(host: "127.0.0.1", port: 0, tls: nil)
        let handler: @Sendable (Peer) async -> Void = { peer in
            do {
                try await peer.send(.connack(sessionPresent: false, code: 0))
                var held: [UInt16] = []
                for await packet in peer.inbound {
                    guard case .publish(let message) = packet, let id = message.id else { return }
                    held.append(id)
                    open.withLock { $0 = (held.count, max($0.most, held.count), $0.total + 1) }
                    // Acknowledged only when the window is full, or nothing more is to come.
                    guard held.count == 20 || open.now.total == 200 else { continue }
                    for id in held { try await peer.send(.puback(id: id)) }
                    held = []
                }
            } catch {}
        }
        try await withListener(listener, handler: handler) { port in
            try await connect(port) { connection in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            try await connection.publish(topic: "n", payload: ByteBuffer(integer: number))
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
        #expect(open.now.total == 200)
        #expect(open.now.most == 20)
    }

    @Test("a message that comes in the same segment as CONNACK is not lost")
    func sameSegment() async throws {
        try await RawPeer.listen { peer in
            var packets = ByteBuffer()
            try Packet.connack(sessionPresent: false, code: 0).encode(into: &packets)
            let push = Packet.Publish(
                topic: "/ext/register", payload: ByteBuffer(string: "{}"), qos: .atLeastOnce, id: 9)
            try Packet.publish(push).encode(into: &packets)
            try await peer.outbound.write(packets)
            var received = ByteBuffer()
            var seen: [Packet] = []
            for try await part in peer.inbound {
                received.writeImmutableBuffer(part)
                while let packet = try Packet.decode(&received) { seen.append(packet) }
            }
            #expect(seen.dropFirst().first == .puback(id: 9))
            #expect(seen.last == .disconnect)
        } _: { port in
            try await connect(port) { connection in
                var messages = connection.messages.makeAsyncIterator()
                #expect(await messages.next()?.topic == "/ext/register")
            }
        }
    }

    @Test("a refusal is told with its code", arguments: UInt8(1)...5)
    func refused(_ code: UInt8) async throws {
        let listener = Listener(host: "127.0.0.1", port: 0, tls: nil)
        try await withListener(listener) { peer in
            try? await peer.send(.connack(sessionPresent: false, code: code))
        } _: { port in
            let error = await #expect(throws: ConnectionError.self) { try await connect(port) { _ in } }
            #expect(error?.code == .refused(code))
        }
    }

    @Test("nobody listening is told as unreachable")
    func unreachable() async throws {
        try await withDeafPort { port in
            let error = await #expect(throws: ConnectionError.self) { try await connect(port) { _ in } }
            #expect(error?.code == .unreachable, "\(String(describing: error))")
        }
    }

    @Test("a server that accepts and says nothing is given up at the deadline")
    func silent() async throws {
        try await RawPeer.listen { peer in
            _ = await peer.readToEnd()
        } _: { port in
            let error = await #expect(throws: ConnectionError.self) {
                try await connect(port, deadline: .milliseconds(200)) { _ in }
            }
            #expect(error?.code == .timeout)
            #expect(error?.sentence.contains("MQTT CONNECT") == true)
        }
    }

    @Test("a server that closes before CONNACK is told as closed")
    func closedEarly() async throws {
        try await RawPeer.listen { _ in
        } _: { port in
            let error = await #expect(throws: ConnectionError.self) { try await connect(port) { _ in } }
            #expect(error?.code == .closed)
        }
    }

    @Test("a server that sends garbage is told as breaking the protocol")
    func garbage() async throws {
        try await RawPeer.listen { peer in
            try await peer.send([0xF0, 0])
            _ = await peer.readToEnd()
        } _: { port in
            let error = await #expect(throws: ConnectionError.self) { try await connect(port) { _ in } }
            #expect(error?.code == .protocolViolation)
        }
    }

    @Test("when the server goes away, waiting calls fail, the messages end, and the reason is told")
    func lost() async throws {
        let listener = Listener(host: "127.0.0.1", port: 0, tls: nil)
        try await withListener(listener) { peer in
            try? await peer.send(.connack(sessionPresent: false, code: 0))
            for await _ in peer.inbound { break }
        } _: { port in
            try await connect(port) { connection in
                let error = await #expect(throws: ConnectionError.self) {
                    try await connection.publish(topic: "a", payload: ByteBuffer())
                }
                #expect(error?.code == .closed)
                for await _ in connection.messages {}
                let reason = try await connection.closed()
                #expect(reason.code == .closed)
                await #expect(throws: ConnectionError.self) { try await connection.subscribe(["a"]) }
            }
        }
    }

    @Test("a cancelled publish stops waiting, and the connection goes on")
    func cancelled() async throws {
        let listener = Listener(host: "127.0.0.1", port: 0, tls: nil)
        let (arrived, feed) = AsyncStream.makeStream(of: Void.self)
        try await withListener(listener) { peer in
            try? await peer.send(.connack(sessionPresent: false, code: 0))
            for await packet in peer.inbound {
                if case .publish = packet { feed.yield() }
                if case .subscribe(let id, _) = packet { try? await peer.send(.suback(id: id, codes: [1])) }
            }
        } _: { port in
            try await connect(port) { connection in
                await withTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        do {
                            try await connection.publish(topic: "a", payload: ByteBuffer())
                            return false
                        } catch { return error is CancellationError }
                    }
                    for await _ in arrived { break }
                    group.cancelAll()
                    #expect(await group.next() == true)
                }
                try await connection.subscribe(["a"])
            }
        }
    }

    @Test("a cancelled connect returns at once, though its deadline is far")
    func cancelledConnect() async throws {
        let (accepted, feed) = AsyncStream.makeStream(of: Void.self)
        try await RawPeer.listen { peer in
            feed.yield()
            _ = await peer.readToEnd()
        } _: { port in
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do {
                        try await connect(port, deadline: .seconds(3600)) { _ in }
                        return false
                    } catch { return error is CancellationError }
                }
                for await _ in accepted { break }
                group.cancelAll()
                #expect(await group.next() == true)
            }
        }
    }

    @Test("a slow reader holds the server back, and loses nothing")
    func backPressure() async throws {
        let count = 5_000
        let (behind, feed) = AsyncStream.makeStream(of: Void.self)
        try await withListener(Listener(host: "127.0.0.1", port: 0, tls: nil)) { peer in
            try? await peer.send(.connack(sessionPresent: false, code: 0))
            for number in 0..<count {
                let message = Packet.Publish(topic: "a", payload: ByteBuffer(integer: number), qos: .atMostOnce)
                try? await peer.send(.publish(message))
                if number == 2 * Connection.messageBuffer { feed.yield() }
            }
            for await packet in peer.inbound {
                if case .publish(let message) = packet, let id = message.id { try? await peer.send(.puback(id: id)) }
            }
        } _: { port in
            try await connect(port) { connection in
                for await _ in behind { break }
                var seen = 0
                for await message in connection.messages {
                    #expect(message.payload.getInteger(at: message.payload.readerIndex, as: Int.self) == seen)
                    seen += 1
                    if seen == count { break }
                    await Task.yield()
                }
                #expect(seen == count)
                // What comes behind the messages is heard too.
                try await connection.publish(topic: "a", payload: ByteBuffer())
            }
        }
    }

    @Test("messages that nobody reads end the connection instead of being lost unseen")
    func overflow() async throws {
        let count = Connection.messageBuffer
        try await RawPeer.listen { peer in
            // In one write: all is there before the first ping, and no pong is missed.
            var packets = ByteBuffer()
            try Packet.connack(sessionPresent: false, code: 0).encode(into: &packets)
            for _ in 0..<count { try Packet.publish(.init(topic: "a", payload: ByteBuffer())).encode(into: &packets) }
            try await peer.outbound.write(packets)
            _ = await peer.readToEnd()
        } _: { port in
            try await connect(port, keepAlive: 1) { connection in
                let reason = try await connection.closed()
                #expect(reason.code == .overflow)
                var seen = 0
                for await _ in connection.messages { seen += 1 }
                #expect(seen == count)
            }
        }
    }

    @Test("a cancelled reader does not hold the server back")
    func cancelledReader() async throws {
        let broker = TestBroker()
        try await withListener(Listener(host: "127.0.0.1", port: 0, tls: nil), handler: broker.serve) { port in
            try await connect(port) { connection in
                try await connection.subscribe(["a"])
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { for await _ in connection.messages {} }
                    group.cancelAll()
                }
                for _ in 0..<2 * Connection.messageBuffer {
                    try await connection.publish(topic: "a", payload: ByteBuffer())
                }
            }
        }
    }

    @Test("what has no legal form is refused before anything is sent")
    func invalid() async throws {
        let broker = TestBroker()
        try await withListener(Listener(host: "127.0.0.1", port: 0, tls: nil), handler: broker.serve) { port in
            try await connect(port) { connection in
                for qos in QoS.allCases {
                    let error = await #expect(throws: ConnectionError.self) {
                        try await connection.publish(topic: "a/#", payload: ByteBuffer(), qos: qos)
                    }
                    #expect(error?.code == .invalid)
                }
                let error = await #expect(throws: ConnectionError.self) { try await connection.subscribe([]) }
                #expect(error?.code == .invalid)
                try await connection.publish(topic: "a", payload: ByteBuffer())
            }
        }
    }

    /// Shows that the closure runs where its caller is isolated, and may use the caller's state.
    private actor Line {
        private var published = 0

        func run(_ port: Int) async throws -> Int {
            try await Connection.withConnection(
                to: "127.0.0.1", port: port, tls: nil, connect: .init(clientID: "a"), deadline: .seconds(30)
            ) { connection in
                try await connection.publish(topic: "a", payload: ByteBuffer())
                published += 1
            }
            return published
        }
    }

    @Test("an actor may use its own state in the closure")
    func isolation() async throws {
        let broker = TestBroker()
        try await withListener(Listener(host: "127.0.0.1", port: 0, tls: nil), handler: broker.serve) { port in
            let count = try await Line().run(port)
            #expect(count == 1)
        }
    }

    @Test("an error of the closure comes out, after DISCONNECT was said")
    func bodyThrows() async throws {
        struct Stop: Error {}
        let last = Locked<Packet?>(nil)
        let (ended, feed) = AsyncStream.makeStream(of: Void.self)
        try await withListener(Listener(host: "127.0.0.1", port: 0, tls: nil)) { peer in
            try? await peer.send(.connack(sessionPresent: false, code: 0))
            for await packet in peer.inbound { last.withLock { $0 = packet } }
            feed.yield()
        } _: { port in
            await #expect(throws: Stop.self) { try await connect(port) { _ in throw Stop() } }
            for await _ in ended { break }
        }
        #expect(last.now == .disconnect)
    }
}

/// A port that a socket holds without listening: every connection to it is refused, and nobody else can be given it meanwhile.
private func withDeafPort(_ body: (Int) async throws -> Void) async throws {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutablePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            try #require(bind(socket, generic, length) == 0)
            try #require(getsockname(socket, generic, &length) == 0)
        }
    }
    try await body(Int(address.sin_port.bigEndian))
}

/// A port that was free a moment ago, outside the range from which the system picks for "port 0" (Linux: from 32768), so
/// that no other test is given it by chance.
func freePort() async throws -> Int {
    while true {
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        let port = Int.random(in: 10_240..<32_768)
        guard let channel = try? await bootstrap.bind(host: "127.0.0.1", port: port).get() else { continue }
        try await channel.close()
        return port
    }
}
