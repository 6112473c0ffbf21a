public import NIOCore

/// Bounds how long a client may keep a connection of a web server busy with nothing, and tells ``OpenConnections`` of it.
///
/// From the connection's start until its first request head (TLS included) ``Times/firstHead`` runs; from a head to the
/// answer's first bytes ``Times/answer``; from what was last answered to the next head ``Times/nextHead``. Only such
/// progress starts the next clock, so that a byte a second does not keep a connection alive. Runs on the connection's event
/// loop.
public final class ConnectionDeadlineHandler: ChannelDuplexHandler, RemovableChannelHandler {
    public typealias InboundIn = NIOAny
    public typealias InboundOut = NIOAny
    public typealias OutboundIn = NIOAny
    public typealias OutboundOut = NIOAny

    /// How long a client may take.
    public struct Times: Sendable {
        public let firstHead: TimeAmount
        /// The request's body and the work on it included.
        public let answer: TimeAmount
        public let nextHead: TimeAmount

        public init(firstHead: TimeAmount, answer: TimeAmount, nextHead: TimeAmount = .seconds(90)) {
            (self.firstHead, self.answer, self.nextHead) = (firstHead, answer, nextHead)
        }
    }

    private let connections: OpenConnections
    private let times: Times
    private var deadline: Scheduled<Void>?
    private var isWaitingForHead = true

    public init(_ connections: OpenConnections, _ times: Times) {
        (self.connections, self.times) = (connections, times)
    }

    public func handlerAdded(context: ChannelHandlerContext) {
        connections.add(context.channel)
        start(times.firstHead, context)
    }

    public func handlerRemoved(context: ChannelHandlerContext) { finish(context) }

    public func channelInactive(context: ChannelHandlerContext) {
        finish(context)
        context.fireChannelInactive()
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isWaitingForHead {
            isWaitingForHead = false
            start(times.answer, context)
        }
        context.fireChannelRead(data)
    }

    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        isWaitingForHead = true
        start(times.nextHead, context)
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
