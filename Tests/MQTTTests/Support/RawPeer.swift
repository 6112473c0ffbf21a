import NIOCore
import NIOPosix

/// A TCP connection whose bytes the test writes itself.
struct RawPeer {
    let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Everything until the other side closes; a reset counts as a close.
    func readToEnd() async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await part in inbound { bytes += Array(part.readableBytesView) }
        } catch {}
        return bytes
    }

    static func connect<R: Sendable>(
        port: Int, _ body: @escaping @Sendable (RawPeer) async throws -> R
    ) async throws -> R {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { try await body(RawPeer(inbound: $0, outbound: $1)) }
    }

    /// Listens for one client, serves it with `server`, and runs `body` with the port at the same time.
    static func listen<R: Sendable>(
        server: @escaping @Sendable (RawPeer) async throws -> Void,
        _ body: @escaping @Sendable (Int) async throws -> R
    ) async throws -> R {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Read from only when it is served: a connection nobody serves must not be wrapped, or its end would trap.
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0) { channel in channel.eventLoop.makeSucceededFuture(channel) }
        let port = channel.channel.localAddress?.port ?? 0
        return try await channel.executeThenClose { clients in
            try await withThrowingTaskGroup(of: R?.self) { group in
                group.addTask {
                    for try await client in clients {
                        try? await serve(client, server)
                        break
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

    private static func serve(
        _ channel: any Channel, _ server: @escaping @Sendable (RawPeer) async throws -> Void
    ) async throws {
        let wrapped = try await channel.eventLoop.submit {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }.get()
        try await wrapped.executeThenClose { inbound, outbound in
            try await channel.setOption(.autoRead, value: true).get()
            try await server(RawPeer(inbound: inbound, outbound: outbound))
        }
    }
}
