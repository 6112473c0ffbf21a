import Fuzzing
import MQTT
import NIOCore
import NIOPosix
import Testing

/// Peers that send anything, over loopback: the listener's pipeline and the client's, with their handlers, not the codec alone.
@Suite("Hostile MQTT peers", .timeLimit(.minutes(3)))
struct HostilePeerTests {
    private static let target = FuzzTarget.leaf.first { $0.name == "mqtt" }

    private static func inputs(_ count: Int, seed: UInt64) throws -> [[UInt8]] {
        let target = try #require(target)
        var mutator = Mutator(random: SeededRandom(seed: seed), words: [], limit: target.limit)
        return (0..<count).map { _ in mutator.input(from: target.seeds) }
    }

    @Test("a listener outlives 200 peers that break the protocol, before CONNECT and after it")
    func listener() async throws {
        let listener = Listener(host: "127.0.0.1", port: 0, tls: nil, handshakeDeadline: .seconds(60))
        try await withListener(listener, handler: TestBroker().serve) { port in
            var connect = ByteBuffer()
            try Packet.connect(.init(clientID: "stranger")).encode(into: &connect)
            let opening = Array(connect.readableBytesView)
            for (number, input) in try Self.inputs(200, seed: 11).enumerated() {
                try await RawPeer.connect(port: port) { peer in
                    try? await peer.send(number.isMultiple(of: 2) ? input : opening + input)
                }
            }
            try await Connection.withConnection(
                to: "127.0.0.1", port: port, tls: nil, connect: .init(clientID: "honest"), deadline: .seconds(30)
            ) { try await $0.subscribe(["a/b"]) }
        }
    }

    @Test("a client ends with an error of its own, whatever the server says instead of CONNACK or after it")
    func client() async throws {
        var connack = ByteBuffer()
        try Packet.connack(sessionPresent: false, code: 0).encode(into: &connack)
        let opening = Array(connack.readableBytesView)
        for (number, input) in try Self.inputs(60, seed: 12).enumerated() {
            try await RawPeer.listen { peer in
                try await peer.send(number.isMultiple(of: 2) ? input : opening + input)
            } _: { port in
                do {
                    try await Connection.withConnection(
                        to: "127.0.0.1", port: port, tls: nil, connect: .init(clientID: "lamp"), deadline: .seconds(60)
                    ) { connection in
                        // The server closes behind its bytes.
                        let reason = try await connection.closed()
                        #expect(!"\(reason)".isEmpty)
                    }
                } catch let error as ConnectionError {
                    #expect("\(error)".split(separator: " ").count > 2, "input \(number): \(error)")
                }
            }
        }
    }
}
