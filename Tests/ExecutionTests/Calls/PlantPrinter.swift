import Locking
import NIOCore
import NIOPosix

/// A real TCP printer as labels reach it on port 9100: keeps what each connection sent.
final class PlantPrinter: Sendable {
    private let kept = Locked<[String]>([])
    let port: Int

    private init(port: Int) { self.port = port }

    var labels: [String] { kept.withLock { $0 } }

    /// Waits until `count` labels have come.
    func labels(_ count: Int) async throws -> [String] {
        try await eventually("label \(count)") { self.labels.count >= count ? self.labels : nil }
    }

    /// Listens while `body` runs.
    /// - Parameters:
    ///   - port: 0 = a free one.
    ///   - breaksOff: whether it resets the connection at the first bytes, as a printer does that is switched off.
    static func with(
        port: Int = 0, breaksOff: Bool = false, _ body: (PlantPrinter) async throws -> Void
    ) async throws {
        let holder = Locked<PlantPrinter?>(nil)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Feeder(breaksOff: breaksOff) { label in
                            holder.withLock { $0 }?.kept.withLock { $0.append(label) }
                        })
                }
            }.bind(host: "127.0.0.1", port: port).get()
        let printer = PlantPrinter(port: server.localAddress?.port ?? 0)
        holder.withLock { $0 = printer }
        let result: Result<Void, any Error>
        do { result = .success(try await body(printer)) } catch { result = .failure(error) }
        try await server.close()
        try result.get()
    }

    /// A port at which nobody listens.
    static func freePort() async throws -> Int {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        defer { server.close(promise: nil) }
        return server.localAddress?.port ?? 0
    }

    private final class Feeder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let breaksOff: Bool
        private let keep: @Sendable (String) -> Void
        private var text = ""

        init(breaksOff: Bool, _ keep: @escaping @Sendable (String) -> Void) {
            (self.breaksOff, self.keep) = (breaksOff, keep)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard breaksOff else { return }
            // Closing at once, with nothing waited for, is a reset.
            let channel = context.channel
            _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                .always { _ in channel.close(promise: nil) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard event as? ChannelEvent == .inputClosed else { return }
            if !breaksOff { keep(text) }
            context.close(promise: nil)
        }
    }
}
