import NIOCore
import NIOPosix
import WebServing

/// One connection through a ``WireGate``, on the client's side: passes bytes to the cloud and back, as far as the fault
/// lets it. Both its channels live on one event loop.
final class GatePassage: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let upstream: (host: String, port: Int)
    private let fault: WireFault?
    private let connections: OpenConnections
    private var cloud: (any Channel)?
    private var records = TLSRecords()
    private var hasAsked = false

    init(to upstream: (host: String, port: Int), fault: WireFault?, _ connections: OpenConnections) {
        (self.upstream, self.fault, self.connections) = (upstream, fault, connections)
    }

    func channelActive(context: ChannelHandlerContext) {
        switch fault {
        case .closed: context.close(promise: nil)
        case nil, .cutHandshake, .corrupt, .deaf: connect(context)
        default: break
        }
    }

    private func connect(_ context: ChannelHandlerContext) {
        let (client, me) = (context.channel, NIOLoopBound(self, eventLoop: context.eventLoop))
        let connections = connections
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ConnectionTracker(connections))
                    try pipeline.addHandler(GateAnswers(to: client) { me.value.spoil($0) })
                }
            }
            .connect(host: upstream.host, port: upstream.port)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    me.value.cloud = channel
                    client.setOption(.autoRead, value: true).whenSuccess { client.read() }
                case .failure: client.close(promise: nil)
                }
            }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if records.take(bytes) { hasAsked = true }
        cloud?.writeAndFlush(bytes, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { cloud?.close(promise: nil) }

    /// What is sent through to the client of bytes that the cloud sent; nil ends the connection after 64 of them.
    private func spoil(_ bytes: ByteBuffer) -> GateAnswers.Passed {
        switch fault {
        case .cutHandshake: .last(bytes.getSlice(at: bytes.readerIndex, length: min(64, bytes.readableBytes)) ?? bytes)
        case .corrupt where hasAsked: .all(ByteBuffer(bytes: bytes.readableBytesView.map { $0 ^ 0x55 }))
        case .deaf where hasAsked: .nothing
        default: .all(bytes)
        }
    }
}

/// The cloud's side of a connection through a gate.
private final class GateAnswers: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// What becomes of some bytes.
    enum Passed {
        case all(ByteBuffer)
        /// These, and then the connection ends.
        case last(ByteBuffer)
        case nothing
    }

    private let client: any Channel
    private let pass: (ByteBuffer) -> Passed

    init(to client: any Channel, _ pass: @escaping (ByteBuffer) -> Passed) { (self.client, self.pass) = (client, pass) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch pass(unwrapInboundIn(data)) {
        case .all(let bytes): client.writeAndFlush(bytes, promise: nil)
        case .last(let bytes):
            let client = client
            client.writeAndFlush(bytes).whenComplete { _ in client.close(promise: nil) }
        case .nothing: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
}
