public import NIOCore

/// Tells a server's ``OpenConnections`` of one connection, from its beginning to its end.
public final class ConnectionTracker: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    public typealias InboundIn = NIOAny
    public typealias InboundOut = NIOAny

    private let connections: OpenConnections

    public init(_ connections: OpenConnections) { self.connections = connections }

    public func handlerAdded(context: ChannelHandlerContext) { connections.add(context.channel) }

    public func channelInactive(context: ChannelHandlerContext) {
        connections.remove(context.channel)
        context.fireChannelInactive()
    }
}
