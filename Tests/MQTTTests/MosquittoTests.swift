import Locking
import Foundation
import MQTT
import NIOCore
import Testing

@Suite("Debian's mosquitto as the peer", .timeLimit(.minutes(2)))
struct MosquittoTests {
    static let broker = Tool("mosquitto")
    static let publisher = Tool("mosquitto_pub")
    static let subscriber = Tool("mosquitto_sub")

    /// Runs the real broker on a free port, with `lines` added to its configuration.
    private func withBroker<R: Sendable>(
        _ lines: String = "", _ body: @Sendable (Int) async throws -> R
    ) async throws -> R {
        let broker = try #require(Self.broker)
        let port = try await freePort()
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "mosquitto.conf")
        let configuration = "listener \(port) 127.0.0.1\nallow_anonymous true\npersistence false\n\(lines)\n"
        try Data(configuration.utf8).write(to: file)
        return try await broker.start(["-c", file.path]) { log, _ in
            let said = Locked<[String]>([])
            for await line in log {
                said.withLock { $0.append(line) }
                if line.contains("running") { break }
            }
            do {
                return try await body(port)
            } catch {
                Issue.record("\(error); the broker said \(said.now)")
                throw error
            }
        }
    }

    private func connect<R: Sendable>(
        _ port: Int, tls: TLSClient? = nil, clientID: String = "station", keepAlive: UInt16 = 60,
        _ body: @Sendable (Connection) async throws -> R
    ) async throws -> R {
        try await Connection.withConnection(
            to: "localhost", port: port, tls: tls, connect: .init(clientID: clientID, keepAlive: keepAlive),
            deadline: .seconds(30), body)
    }

    @Test(
        "our client publishes and receives 1,500 messages at QoS 1 through the real broker",
        .enabled(if: broker != nil, "mosquitto is not installed"))
    func client() async throws {
        try await withBroker { port in
            try await connect(port) { connection in
                try await connection.subscribe(["station/+/echo"])
                try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask {
                        var seen: Set<String> = []
                        for await message in connection.messages {
                            seen.insert(message.text)
                            if seen.count == 1500 { break }
                        }
                        return seen.count
                    }
                    for number in 0..<1500 {
                        group.addTask {
                            try await connection.publish(
                                topic: "station/01/echo", payload: ByteBuffer(string: "\(number)"))
                            return 0
                        }
                    }
                    var received = 0
                    for try await count in group { received += count }
                    #expect(received == 1500)
                }
            }
        }
    }

    @Test(
        "an idle connection is kept alive by pings", .enabled(if: broker != nil, "mosquitto is not installed"))
    func keepAlive() async throws {
        try await withBroker { port in
            try await connect(port, keepAlive: 3) { connection in
                try await connection.subscribe(["a"])
                // A second client's will is sent when the broker has closed it for silence, 4.5 s after its CONNECT.
                // By then the first one, with the same keep-alive, is still there to receive it.
                let will = Packet.Publish(topic: "a", payload: ByteBuffer(string: "silent"))
                var hello = ByteBuffer()
                try Packet.connect(.init(clientID: "mute", keepAlive: 3, will: will)).encode(into: &hello)
                let bytes = Array(hello.readableBytesView)
                try await RawPeer.connect(port: port) { mute in
                    try await mute.send(bytes)
                    _ = await mute.readToEnd()
                }
                var messages = connection.messages.makeAsyncIterator()
                #expect(await messages.next()?.text == "silent")
            }
        }
    }

    @Test(
        "the real broker's refusal and its taking over of a client identifier are told",
        .enabled(if: broker != nil, "mosquitto is not installed"))
    func refusals() async throws {
        try await withBroker { port in
            try await connect(port, clientID: "same") { first in
                try await connect(port, clientID: "same") { _ in }
                #expect(try await first.closed().code == .closed)
            }
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let passwords = folder.appending(path: "passwords")
        try Data().write(to: passwords)
        try await withBroker("allow_anonymous false\npassword_file \(passwords.path)") { port in
            let error = await #expect(throws: ConnectionError.self) { try await connect(port) { _ in } }
            #expect(error?.code == .refused(5))
        }
    }

    @Test(
        "mosquitto_pub and mosquitto_sub work against our listener, plain and over TLS",
        .enabled(if: publisher != nil && subscriber != nil, "the mosquitto clients are not installed"),
        .enabled(if: TestPKI.openssl != nil, "the openssl program makes the certificates"),
        arguments: [false, true])
    func listener(_ usesTLS: Bool) async throws {
        let publisher = try #require(Self.publisher)
        let subscriber = try #require(Self.subscriber)
        try await TestPKI.with(names: "DNS:localhost,IP:127.0.0.1") { pki in
            let broker = TestBroker()
            let listener = Listener(host: "127.0.0.1", port: 0, tls: usesTLS ? try pki.serverContext() : nil)
            try await withListener(listener, handler: broker.serve) { port in
                let common =
                    ["-h", "localhost", "-p", "\(port)", "-V", "311"] + (usesTLS ? ["--cafile", pki.caFile] : [])
                try await subscriber.start(
                    common + ["-t", "line/+", "-q", "2", "-C", "3", "-W", "60", "-v"]
                ) { lines, exit in
                    for await filter in broker.subscribed {
                        #expect(filter == "line/+")
                        break
                    }
                    var printed = lines.makeAsyncIterator()
                    for (qos, text) in [(0, "none"), (1, "one"), (1, "温度")] {
                        let sent = try await publisher.run(
                            common + ["-t", "line/\(qos)", "-q", "\(qos)", "-m", text])
                        #expect(sent.status == 0, "\(sent.output)")
                        // One after the other: each comes over a connection of its own, and those have no order.
                        #expect(await printed.next() == "line/\(qos) \(text)")
                    }
                    #expect(await printed.next() == nil)
                    #expect(await exit() == 0)
                }
            }
        }
    }

    @Test(
        "mosquitto_pub at QoS 2 is refused by our listener",
        .enabled(if: publisher != nil, "the mosquitto clients are not installed"))
    func qualityTwo() async throws {
        let publisher = try #require(Self.publisher)
        let handler = TestBroker().serve
        try await withListener(Listener(host: "127.0.0.1", port: 0, tls: nil), handler: handler) { port in
            let result = try await publisher.run([
                "-h", "localhost", "-p", "\(port)", "-t", "a", "-q", "2", "-m", "x",
            ])
            #expect(result.status != 0)
        }
    }
}
