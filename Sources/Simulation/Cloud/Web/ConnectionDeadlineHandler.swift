import NIOCore
import WebServing

/// Bounds how long a client may keep a connection of the web server busy with nothing.
///
/// From the connection's start until its first request head (TLS included) the handshake deadline runs; from a request
/// to its answer ``answerTime``; from an answer to the next head ``keepAliveTime``. Only such progress starts the next
/// clock, so that a byte a second does not keep a connection alive. Runs on the connection's event loop.
final class ConnectionDeadlineHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny
    typealias OutboundIn = NIOAny
    typealias OutboundOut = NIOAny

    static let answerTime = TimeAmount.seconds(120)
    static let keepAliveTime = TimeAmount.seconds(90)

    private let connections: OpenConnections
    private let handshakeTime: TimeAmount
    private var deadline: Scheduled<Void>?
    private var isWaitingForHead = true

    init(connections: OpenConnections, handshakeTime: TimeAmount) {
        (self.connections, self.handshakeTime) = (connections, handshakeTime)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        connections.add(context.channel)
        start(handshakeTime, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish(context) }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isWaitingForHead {
            isWaitingForHead = false
            start(Self.answerTime, context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        isWaitingForHead = true
        start(Self.keepAliveTime, context)
        context.write(data, promise: promise)
    }

    private func start(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: time) { OpenConnections.cut(channel) }
    }

    private func finish(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        connections.remove(context.channel)
    }
}
