import Locking
import NIOCore
import NIOPosix

/// A TCP printer as labels reach it on port 9100: keeps what each connection sent until its end.
public final class PlantPrinter: Sendable {
    public let port: Int
    private let kept = Locked<[String]>([])
    private let onLabel: @Sendable (String) -> Void

    private init(port: Int, onLabel: @escaping @Sendable (String) -> Void) {
        (self.port, self.onLabel) = (port, onLabel)
    }

    /// Every label so far, in the order of their coming.
    public var labels: [String] { kept.withLock { $0 } }

    /// Listens on the loopback while `body` runs.
    /// - Parameters:
    ///   - port: 0 = a free one.
    ///   - breaksOff: whether it resets each connection at the first bytes, as a printer does that is switched off.
    ///   - onLabel: told each label.
    /// - Throws: what `body` throws, and why the port cannot be had.
    public static func with(
        port: Int = 0, breaksOff: Bool = false, onLabel: @escaping @Sendable (String) -> Void = { _ in },
        _ body: (PlantPrinter) async throws -> Void
    ) async throws {
        let holder = Locked<PlantPrinter?>(nil)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        PaperFeed(breaksOff: breaksOff) { label in holder.withLock { $0 }?.keep(label) })
                }
            }.bind(host: "127.0.0.1", port: port).get()
        let printer = PlantPrinter(port: server.localAddress?.port ?? 0, onLabel: onLabel)
        holder.withLock { $0 = printer }
        let result: Result<Void, any Error>
        do { result = .success(try await body(printer)) } catch { result = .failure(error) }
        try await server.close()
        try result.get()
    }

    private func keep(_ label: String) {
        kept.withLock { $0.append(label) }
        onLabel(label)
    }
}

/// One connection to the printer.
private final class PaperFeed: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let breaksOff: Bool
    private let keep: @Sendable (String) -> Void
    private var bytes = ByteBuffer()

    init(breaksOff: Bool, _ keep: @escaping @Sendable (String) -> Void) {
        (self.breaksOff, self.keep) = (breaksOff, keep)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var more = unwrapInboundIn(data)
        bytes.writeBuffer(&more)
        guard breaksOff else { return }
        // Closing at once, with nothing waited for, is a reset.
        let channel = context.channel
        _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            .always { _ in channel.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return }
        if !breaksOff { keep(String(buffer: bytes)) }
        context.close(promise: nil)
    }
}
