import Foundation
import MQTT
import NIOCore
import Testing

@Suite(
    "TLS", .timeLimit(.minutes(2)),
    .enabled(if: TestPKI.openssl != nil, "the openssl program makes the certificates"))
struct TLSTests {
    private func connect(_ host: String, _ port: Int, _ tls: TLSClient) async throws {
        try await Connection.withConnection(
            to: host, port: port, tls: tls, connect: .init(clientID: "a"), deadline: .seconds(30)
        ) { connection in
            try await connection.publish(topic: "a", payload: ByteBuffer(string: "over TLS"))
        }
    }

    @Test("a certificate of the trusted authority with the right name is accepted, by name and by address")
    func accepted() async throws {
        try await TestPKI.with(names: "DNS:localhost,IP:127.0.0.1") { pki in
            let broker = TestBroker()
            let listener = Listener(host: "127.0.0.1", port: 0, tls: try pki.serverContext())
            try await withListener(listener, handler: broker.serve) { port in
                let tls = try TLSClient(caFile: pki.caFile)
                for host in ["localhost", "127.0.0.1"] {
                    try await connect(host, port, tls)
                    for await message in broker.published {
                        #expect(message.text == "over TLS")
                        break
                    }
                }
            }
        }
    }

    @Test("a certificate for another name is refused")
    func wrongName() async throws {
        try await TestPKI.with(names: "DNS:other.example") { pki in
            let listener = Listener(host: "127.0.0.1", port: 0, tls: try pki.serverContext())
            try await withListener(listener, handler: TestBroker().serve) { port in
                let tls = try TLSClient(caFile: pki.caFile)
                for host in ["localhost", "127.0.0.1"] {
                    let error = await #expect(throws: ConnectionError.self) { try await connect(host, port, tls) }
                    #expect(error?.code == .tls, "\(host): \(String(describing: error))")
                }
            }
        }
    }

    @Test("an authority that is not ours is refused, with the reason")
    func wrongAuthority() async throws {
        try await TestPKI.with(names: "DNS:localhost") { pki in
            try await TestPKI.with(names: "DNS:localhost") { other in
                let listener = Listener(host: "127.0.0.1", port: 0, tls: try pki.serverContext())
                try await withListener(listener, handler: TestBroker().serve) { port in
                    for caFile in [other.caFile, nil] {
                        let tls = try TLSClient(caFile: caFile)
                        let error = await #expect(throws: ConnectionError.self) {
                            try await connect("localhost", port, tls)
                        }
                        #expect(error?.code == .tls)
                        #expect(error?.sentence.contains("CERTIFICATE_VERIFY_FAILED") == true)
                    }
                }
            }
        }
    }

    @Test("a server without TLS is told as such, one that hangs up as closed, one that is silent as a timeout")
    func noTLS() async throws {
        try await TestPKI.with(names: "DNS:localhost") { pki in
            let tls = try TLSClient(caFile: pki.caFile)
            try await RawPeer.listen { peer in
                try await peer.send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
                _ = await peer.readToEnd()
            } _: { port in
                let error = await #expect(throws: ConnectionError.self) { try await connect("127.0.0.1", port, tls) }
                #expect(error?.code == .tls)
            }
            try await RawPeer.listen { peer in
                for try await _ in peer.inbound { break }
            } _: { port in
                let error = await #expect(throws: ConnectionError.self) { try await connect("127.0.0.1", port, tls) }
                #expect(error?.code == .closed)
            }
            try await RawPeer.listen { peer in
                _ = await peer.readToEnd()
            } _: { port in
                let error = await #expect(throws: ConnectionError.self) {
                    try await Connection.withConnection(
                        to: "127.0.0.1", port: port, tls: tls, connect: .init(clientID: "a"),
                        deadline: .milliseconds(200)
                    ) { _ in }
                }
                #expect(error?.code == .timeout)
                #expect(error?.sentence.contains("TLS handshake") == true)
            }
        }
    }

    @Test("a CA file that is missing or holds no certificate is refused when it is read")
    func badFile() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        #expect(throws: ConnectionError.self) { try TLSClient(caFile: path) }
        try Data("not a certificate".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: ConnectionError.self) { try TLSClient(caFile: path) }
        #expect(error?.code == .tls)
    }

    @Test("a client that speaks no TLS to a TLS listener is dropped, and the listener goes on")
    func plainToTLS() async throws {
        try await TestPKI.with(names: "DNS:localhost") { pki in
            let listener = Listener(host: "127.0.0.1", port: 0, tls: try pki.serverContext())
            try await withListener(listener, handler: TestBroker().serve) { port in
                try await RawPeer.connect(port: port) { peer in
                    try await peer.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
                    _ = await peer.readToEnd()
                }
                try await connect("localhost", port, try TLSClient(caFile: pki.caFile))
            }
        }
    }
}
