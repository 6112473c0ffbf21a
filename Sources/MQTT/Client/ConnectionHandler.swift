import NIOCore
import NIOTLS

/// Performs the actions of a ``ConnectionState`` on its channel, and stops reading when the messages' reader is behind.
/// Lives on the channel's event loop and nowhere else.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = Packet
    typealias OutboundIn = Packet
    typealias OutboundOut = Packet

    private var state: ConnectionState<EventLoopPromise<Void>>
    private var context: ChannelHandlerContext?
    /// Whether TCP came about.
    private var wasActive = false
    private var keepAlive: RepeatedTask?
    private let usesTLS: Bool
    private let peer: String
    private let keepAliveSeconds: Int64
    private let opened: EventLoopPromise<Void>
    private let feed: MessageFeed
    private let intercept: (@Sendable (Packet.Publish) -> Bool)?
    private var isReadingPaused = false
    private var hasReadRequest = false
    /// Whether reading was paused at any time since the last ping, and the messages unread then if it was paused.
    private var wasReadingPaused = false
    private var unreadAtLastPing: Int?

    init(
        connect: Packet.Connect, peer: String, usesTLS: Bool, opened: EventLoopPromise<Void>,
        feed: MessageFeed, intercept: (@Sendable (Packet.Publish) -> Bool)?
    ) {
        self.state = ConnectionState(connect: connect, peer: peer)
        self.usesTLS = usesTLS
        self.peer = peer
        self.keepAliveSeconds = Int64(connect.keepAlive)
        self.opened = opened
        self.feed = feed
        self.intercept = intercept
    }

    // MARK: - From the pipeline

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive {
            wasActive = true
            perform(state.connected(usesTLS: usesTLS))
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // Where TCP did not come about, the attempt itself says why; the pipeline may be torn down before it does.
        if wasActive { perform(state.end(ConnectionError(.closed, "The connection to \(peer) was closed."))) }
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        wasActive = true
        perform(state.connected(usesTLS: usesTLS))
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { perform(state.handshakeCompleted()) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        perform(state.received(unwrapInboundIn(data)))
    }

    func read(context: ChannelHandlerContext) {
        if isReadingPaused {
            hasReadRequest = true
        } else {
            context.read()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        perform(
            state.end(
                ConnectionError(.closed, "\(peer) closed the connection during \(state.phase.name).")))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let failure = ConnectionError(
            cause: error, peer: peer, phase: state.phase.name, isHandshaking: state.phase == .handshaking)
        perform(state.end(failure))
    }

    // MARK: - From the connection's user

    var endReason: ConnectionError { state.closedError }

    /// What the connection is doing, for sentences.
    var phase: String { state.phase.name }

    /// Sends a request that will be acknowledged; `promise` is completed with the answer.
    func submit(_ promise: EventLoopPromise<Void>, _ make: @escaping @Sendable (UInt16) -> Packet) {
        // A packet without a legal form would only be found when its turn comes; find it now, under a sample id.
        var scratch = ByteBuffer()
        do {
            try make(1).encode(into: &scratch)
        } catch {
            promise.fail(ConnectionError(.invalid, "\(error.sentence)."))
            return
        }
        perform(state.submit(promise, make))
    }

    /// Sends a packet that has no acknowledgement; `promise` is completed when the system has taken the bytes.
    func write(_ packet: Packet, _ promise: EventLoopPromise<Void>) {
        guard state.phase == .open, let context else { return promise.fail(state.closedError) }
        context.writeAndFlush(wrapOutboundOut(packet), promise: promise)
    }

    /// There is room for messages again, or nobody waits for them any more.
    func resumeReading() {
        isReadingPaused = false
        guard hasReadRequest else { return }
        hasReadRequest = false
        context?.read()
    }

    /// Says DISCONNECT [MQTT-3.14.4-1] and closes.
    func disconnect() {
        guard let context else { return }
        if state.phase == .open { context.writeAndFlush(wrapOutboundOut(.disconnect), promise: nil) }
        perform(state.end(ConnectionError(.closed, "The connection to \(peer) was closed by this side.")))
    }

    // MARK: - Actions

    private func perform(_ actions: [ConnectionState<EventLoopPromise<Void>>.Action]) {
        for action in actions {
            switch action {
            case .send(let packet): send(packet)
            case .opened:
                startKeepAlive()
                opened.succeed()
            case .deliver(let message): deliver(message)
            case .succeed(let promise): promise.succeed()
            case .fail(let promise, let error): promise.fail(error)
            case .close(let error):
                keepAlive?.cancel()
                opened.fail(error)
                feed.finish()
                // The peer's part of closing TLS must be heard.
                resumeReading()
                context?.close(promise: nil)
            }
        }
    }

    private func send(_ packet: Packet) {
        context?.writeAndFlush(wrapOutboundOut(packet), promise: nil)
    }

    private func deliver(_ message: Packet.Publish) {
        if intercept?(message) != true, feed.add(message) {
            isReadingPaused = true
            wasReadingPaused = true
        }
        if let id = message.id { send(.puback(id: id)) }
    }

    private func startKeepAlive() {
        guard keepAliveSeconds > 0, let context else { return }
        let interval = TimeAmount.milliseconds(keepAliveSeconds * 750)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        keepAlive = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.keepAliveTick()
        }
    }

    private func keepAliveTick() {
        let unread = isReadingPaused ? feed.unread : nil
        if let unread, unread == unreadAtLastPing {
            let sentence =
                "None of \(unread) messages from \(peer) was read in \(keepAliveSeconds * 750) ms; the connection was closed."
            return perform(state.end(ConnectionError(.overflow, sentence)))
        }
        unreadAtLastPing = unread
        perform(state.keepAliveTick(isAnswerDue: !wasReadingPaused))
        wasReadingPaused = isReadingPaused
    }
}
