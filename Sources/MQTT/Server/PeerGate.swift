import Logging
import NIOCore

/// Stands at the end of a peer's pipeline: lets nothing in before CONNECT, watches deadline and keep-alive, keeps the
/// packets for the reader and stops reading when there are too many. Lives on the channel's event loop.
final class PeerGate: ChannelDuplexHandler {
    typealias InboundIn = Packet
    typealias OutboundIn = Packet
    typealias OutboundOut = Packet

    /// Told by the reader that there is room again, or that nobody reads any more.
    struct ReadDelegate: NIOAsyncSequenceProducerDelegate, Sendable {
        let gate: NIOLoopBoundBox<PeerGate?>

        func produceMore() {
            gate.eventLoop.execute { gate.value?.resumeReading() }
        }

        func didTerminate() {
            gate.eventLoop.execute { gate.value?.resumeReading() }
        }
    }

    private enum Phase {
        case waiting, connected, ended
    }

    private var phase = Phase.waiting
    private let connect: EventLoopPromise<Packet.Connect>
    private let source: Peer.Inbound.Producer.Source
    private let deadline: TimeAmount
    private let enforcesKeepAlive: Bool
    private let logger: Logger?
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var lastHeard = NIODeadline.now()
    private var isReadingPaused = false
    private var hasReadRequest = false

    private init(
        connect: EventLoopPromise<Packet.Connect>, source: Peer.Inbound.Producer.Source, deadline: TimeAmount,
        enforcesKeepAlive: Bool, logger: Logger?
    ) {
        self.connect = connect
        self.source = source
        self.deadline = deadline
        self.enforcesKeepAlive = enforcesKeepAlive
        self.logger = logger
    }

    /// Makes a gate with the two things it feeds. On the channel's event loop.
    static func make(
        channel: any Channel, deadline: TimeAmount, enforcesKeepAlive: Bool, logger: Logger?
    ) -> (PeerGate, EventLoopFuture<Packet.Connect>, Peer.Inbound) {
        let box = NIOLoopBoundBox<PeerGate?>(nil, eventLoop: channel.eventLoop)
        let made = Peer.Inbound.Producer.makeSequence(
            elementType: Packet.self,
            backPressureStrategy: .init(lowWatermark: 16, highWatermark: 64), finishOnDeinit: true,
            delegate: ReadDelegate(gate: box))
        let connect = channel.eventLoop.makePromise(of: Packet.Connect.self)
        let gate = PeerGate(
            connect: connect, source: made.source, deadline: deadline, enforcesKeepAlive: enforcesKeepAlive,
            logger: logger)
        box.value = gate
        channel.closeFuture.whenComplete { _ in box.value = nil }
        return (gate, connect.futureResult, Peer.Inbound(sequence: made.sequence))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        schedule(in: deadline)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end("closed")
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end("closed by the peer")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if phase == .waiting, (error as? WireError)?.code == .badLevel { refuse(1) }
        end("\(error)")
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = .now()
        let packet = unwrapInboundIn(data)
        switch (phase, packet) {
        case (.waiting, .connect(let connect)):
            guard !connect.clientID.isEmpty || connect.cleanSession else {
                refuse(2)
                return end("an empty client identifier without clean session [MQTT-3.1.3-8]")
            }
            open(connect)
        case (.waiting, _):
            // The first packet must be CONNECT [MQTT-3.1.0-1].
            end("\(packet.name) before CONNECT")
        case (.connected, .publish), (.connected, .puback), (.connected, .subscribe), (.connected, .unsubscribe),
            (.connected, .pingreq), (.connected, .disconnect):
            if case .stopProducing = source.yield(packet) { isReadingPaused = true }
        case (.connected, _):
            // A second CONNECT [MQTT-3.1.0-2], or a packet only a server sends.
            end("\(packet.name) from a client, out of turn")
        case (.ended, _):
            break
        }
    }

    func read(context: ChannelHandlerContext) {
        if isReadingPaused {
            hasReadRequest = true
        } else {
            context.read()
        }
    }

    private func resumeReading() {
        isReadingPaused = false
        guard hasReadRequest else { return }
        hasReadRequest = false
        context?.read()
    }

    private func open(_ connect: Packet.Connect) {
        phase = .connected
        timer?.cancel()
        if enforcesKeepAlive, connect.keepAlive > 0 {
            watchSilence(limit: .milliseconds(Int64(connect.keepAlive) * 1500))
        }
        self.connect.succeed(connect)
    }

    /// One timer that looks when the silence could be over its limit, and then sets itself again.
    private func watchSilence(limit: TimeAmount) {
        let remaining = lastHeard + limit - .now()
        guard remaining > .zero else {
            return end("silent for 1.5 times its keep-alive")
        }
        timer = context.map { context in
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            return context.eventLoop.scheduleTask(in: remaining) { bound.value.watchSilence(limit: limit) }
        }
    }

    private func schedule(in limit: TimeAmount) {
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: limit) { bound.value.end("no CONNECT before the deadline") }
    }

    private func refuse(_ code: UInt8) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(.connack(sessionPresent: false, code: code)), promise: nil)
    }

    private func end(_ reason: String) {
        guard phase != .ended else { return }
        phase = .ended
        timer?.cancel()
        connect.fail(ConnectionError(.closed, "The peer did not get as far as CONNECT: \(reason)."))
        source.finish()
        let address = context?.remoteAddress?.description ?? "unknown"
        logger?.debug("MQTT peer \(address) ended: \(reason)")
        context?.close(promise: nil)
    }
}
