public import Logging
public import NIOCore
import NIOPosix
public import NIOSSL

/// The server side of MQTT: accepts TCP or TLS, waits for CONNECT, and hands each peer to a handler.
///
/// It answers nothing by itself but CONNECT packets that have no legal meaning: CONNACK 1 for another protocol level
/// [MQTT-3.1.2-2], CONNACK 2 for an empty identifier without clean session [MQTT-3.1.3-8]. CONNACK, PINGRESP, PUBACK,
/// SUBACK are the handler's. A peer that breaks the protocol is closed alone; the listener goes on.
public struct Listener: Sendable {
    public let host: String
    /// 0 = any free port, reported by `onListening`.
    public let port: Int
    /// From TCP accept to CONNECT, TLS included.
    public let handshakeDeadline: Duration
    /// Peers at a time, those still in the handshake included; one more is closed at once.
    public let maximumConnections: Int
    /// Longest packet accepted from a peer, in bytes.
    public var maximumPacketLength = Packet.defaultMaximumLength
    /// Whether a peer silent for 1.5 times its keep-alive is closed [MQTT-3.1.2-24].
    public var enforcesKeepAlive = true
    /// Told, at debug level, why a peer was closed.
    public var logger: Logger?
    /// Where the channels live.
    public var group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup

    private let tls: NIOSSLContext?

    /// - Parameter tls: nil = plain TCP.
    public init(
        host: String, port: Int, tls: NIOSSLContext?, handshakeDeadline: Duration = .seconds(10),
        maximumConnections: Int = 1024
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.handshakeDeadline = handshakeDeadline
        self.maximumConnections = maximumConnections
    }

    /// Listens until the task is cancelled; then closes every peer, waits for their handlers and returns.
    ///
    /// - Parameters:
    ///   - onListening: called once with the port.
    ///   - handler: runs in a task of its own for each peer; when it returns, the peer is closed. It is cancelled when
    ///     the listener is.
    /// - Throws: when the port cannot be bound.
    public func run(
        onListening: @Sendable (Int) -> Void, handler: @escaping @Sendable (Peer) async -> Void
    ) async throws {
        let registry = PeerRegistry(maximum: maximumConnections)
        let server = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptErrorHandler(logger: logger))
                }
            }
            .bind(host: host, port: port) { channel in
                // A failed future here would end the accept loop, so a peer that is not taken is nil.
                channel.eventLoop.makeSucceededFuture(accept(channel, registry))
            }
        onListening(server.channel.localAddress?.port ?? port)
        try await server.executeThenClose { accepted in
            try await withThrowingDiscardingTaskGroup { peers in
                defer { registry.closeAll() }
                do {
                    for try await peer in accepted {
                        guard let peer else { continue }
                        peers.addTask { await serve(peer, handler) }
                    }
                } catch is CancellationError {}
            }
        }
    }

    /// Builds a new peer's pipeline. On the channel's event loop.
    private func accept(_ channel: any Channel, _ registry: PeerRegistry) -> AcceptedPeer? {
        guard registry.admit(channel) else {
            logger?.debug("MQTT peer turned away: \(maximumConnections) are connected")
            channel.close(promise: nil)
            return nil
        }
        do {
            let pipeline = channel.pipeline.syncOperations
            if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
            try pipeline.addHandler(ByteToMessageHandler(PacketDecoder(maximumLength: maximumPacketLength)))
            try pipeline.addHandler(MessageToByteHandler(PacketEncoder()))
            let (gate, connect, inbound) = PeerGate.make(
                channel: channel, deadline: TimeAmount(handshakeDeadline), enforcesKeepAlive: enforcesKeepAlive,
                logger: logger)
            try pipeline.addHandler(gate)
            return AcceptedPeer(channel: channel, connect: connect, inbound: inbound)
        } catch {
            logger?.debug("MQTT peer turned away: \(error)")
            channel.close(promise: nil)
            return nil
        }
    }

    private func serve(_ accepted: AcceptedPeer, _ handler: @Sendable (Peer) async -> Void) async {
        let channel = accepted.channel
        await withTaskCancellationHandler {
            if let connect = try? await accepted.connect.get() {
                await handler(
                    Peer(connect: connect, isTLS: tls != nil, channel: channel, inbound: accepted.inbound))
            }
            channel.close(promise: nil)
            _ = try? await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}

/// A connection that was accepted and has not said CONNECT yet.
struct AcceptedPeer: Sendable {
    let channel: any Channel
    let connect: EventLoopFuture<Packet.Connect>
    let inbound: Peer.Inbound
}
