import Locking
import AliyunIoT
import Foundation
import MQTT
import NIOCore
import NIOPosix
import NIOSSL

/// A request as it came over the wire.
struct StubRequest: Sendable {
    let method: String
    let path: String
    /// Query and form body together, decoded.
    let parameters: [(String, String)]
    let body: String

    subscript(name: String) -> String? { parameters.first { $0.0 == name }?.1 }
}

/// What the stub does with a request.
enum StubAnswer: Sendable {
    case reply(Int, String, headers: [String: String] = [:])
    /// The head of an answer, but never its body.
    case headOnly
    /// Nothing, until the client goes away.
    case silence
    /// Closes without an answer.
    case hangUp

    static func success(_ data: String, request: String = "R-1") -> StubAnswer {
        .reply(200, #"{"RequestId":"\#(request)","Success":true,"Code":"","Data":\#(data)}"#)
    }

    static func failure(_ code: String, status: Int = 200, headers: [String: String] = [:]) -> StubAnswer {
        .reply(
            status, #"{"RequestId":"R-2","Success":false,"Code":"\#(code)","ErrorMessage":"because"}"#, headers: headers
        )
    }
}

/// An HTTP server of a few lines: one answer for each request, from a closure that is told the request's number.
struct StubServer: Sendable {
    let answer: @Sendable (StubRequest, Int) -> StubAnswer
    let tls: NIOSSLContext?
    let requests = Locked<[StubRequest]>([])

    init(tls: NIOSSLContext? = nil, answer: @escaping @Sendable (StubRequest, Int) -> StubAnswer) {
        self.answer = answer
        self.tls = tls
    }

    /// Runs `body` with the server's port.
    func run<R: Sendable>(_ body: @escaping @Sendable (Int) async throws -> R) async throws -> R {
        let tls = tls
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Read from only when it is served: a connection nobody serves must not be wrapped, or its end would trap.
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    return channel
                }
            }
        let port = channel.channel.localAddress?.port ?? 0
        return try await channel.executeThenClose { clients in
            try await withThrowingTaskGroup(of: R?.self) { group in
                group.addTask {
                    await withDiscardingTaskGroup { connections in
                        do {
                            for try await client in clients {
                                connections.addTask { try? await serve(client) }
                            }
                        } catch {}
                    }
                    return nil
                }
                group.addTask { try await body(port) }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw CancellationError()
            }
        }
    }

    private func serve(_ channel: any Channel) async throws {
        let wrapped = try await channel.eventLoop.submit {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }.get()
        try await wrapped.executeThenClose { inbound, outbound in
            try await channel.setOption(.autoRead, value: true).get()
            try await serve(inbound, outbound)
        }
    }

    private func serve(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        var received = ""
        for try await part in inbound {
            received += String(buffer: part)
            while let request = Self.cut(&received) {
                let number = requests.withLock { all in
                    all.append(request)
                    return all.count
                }
                switch answer(request, number) {
                case .reply(let status, let body, let headers):
                    let more = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
                    let text =
                        "HTTP/1.1 \(status) Status\r\nDate: Mon, 23 Nov 2026 08:00:00 GMT\r\n\(more)"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    try await outbound.write(ByteBuffer(string: text))
                case .headOnly:
                    try await outbound.write(ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"))
                case .silence: break
                case .hangUp: return
                }
            }
        }
    }

    /// Takes a whole request off the front, if there is one.
    private static func cut(_ text: inout String) -> StubRequest? {
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let length =
            lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        guard text[end.upperBound...].utf8.count >= length else { return nil }
        let body = String(text[end.upperBound...].utf8.prefix(length)) ?? ""
        text = String(text[end.upperBound...].utf8.dropFirst(length)) ?? ""
        let words = lines[0].components(separatedBy: " ")
        let target = words[1].split(separator: "?", maxSplits: 1).map(String.init)
        let pairs = ((target.count > 1 ? target[1] : "") + "&" + body).split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                String(sides[0]).removingPercentEncoding ?? "",
                sides.count > 1 ? String(sides[1]).removingPercentEncoding ?? "" : ""
            )
        }
        return StubRequest(method: words[0], path: target[0], parameters: pairs, body: body)
    }
}

/// Runs `body` with the port of an MQTT listener over TLS.
func withMQTT<R: Sendable>(
    _ handler: @escaping @Sendable (Peer) async -> Void, _ body: @escaping @Sendable (Int) async throws -> R
) async throws -> R {
    let listener = Listener(host: "127.0.0.1", port: 0, tls: try TestPKI.serverContext())
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
