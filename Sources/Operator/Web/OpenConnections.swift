import Locking
import NIOCore
import NIOSSL

/// The open connections of the page's server: each is cut when a client takes too long to say what it wants, and all at
/// the end, so that no browser that keeps one open delays a stop.
final class OpenConnections: Sendable {
    private let channels = Locked<(open: [ObjectIdentifier: any Channel], isClosed: Bool)>(([:], false))

    /// Takes a connection in; after ``closeAll()`` it is cut at once.
    func add(_ channel: any Channel) {
        let isClosed = channels.withLock { state in
            if !state.isClosed { state.open[ObjectIdentifier(channel)] = channel }
            return state.isClosed
        }
        if isClosed { Self.cut(channel) }
    }

    func remove(_ channel: any Channel) {
        channels.withLock { state in _ = state.open.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Cuts every connection, now and from now on.
    func closeAll() {
        let channels = channels.withLock { state in
            defer { state = ([:], true) }
            return Array(state.open.values)
        }
        for channel in channels { Self.cut(channel) }
    }

    /// Closes below TLS: a TLS close waits for the peer's answer.
    static func cut(_ channel: any Channel) {
        channel.eventLoop.execute {
            let pipeline = channel.pipeline.syncOperations
            if let tls = try? pipeline.context(handlerType: NIOSSLServerHandler.self) {
                tls.close(promise: nil)
            } else {
                channel.close(promise: nil)
            }
        }
    }
}

/// Bounds how long a client may keep a connection without a request: from its start to the first request's head, TLS
/// included, 15 s; from an answer's end to the next head, 90 s. Runs on the connection's event loop.
final class ConnectionWatch: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny
    typealias OutboundIn = NIOAny
    typealias OutboundOut = NIOAny

    static let firstHead = TimeAmount.seconds(15)
    static let nextHead = TimeAmount.seconds(90)

    private let connections: OpenConnections
    private var deadline: Scheduled<Void>?

    init(_ connections: OpenConnections) { self.connections = connections }

    func handlerAdded(context: ChannelHandlerContext) {
        connections.add(context.channel)
        start(Self.firstHead, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(context) }

    func channelInactive(context: ChannelHandlerContext) {
        end(context)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        start(Self.nextHead, context)
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        start(Self.nextHead, context)
        context.write(data, promise: promise)
    }

    private func start(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: time) { OpenConnections.cut(channel) }
    }

    private func end(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        connections.remove(context.channel)
    }
}
