public import NIOCore
public import NIOPosix

/// A client's MQTT connection, alive for the length of a closure.
///
/// It pings by itself, acknowledges QoS 1 messages as soon as they lie in ``messages``, keeps at most 20 requests
/// unacknowledged, and never reconnects: a registration repeated by a reconnect could rotate a device's secret. When the
/// connection ends, ``messages`` ends and every call throws the reason; the closure is not cancelled.
///
/// May be used from any task.
public struct Connection: Sendable {
    /// Messages held for a reader that is behind. Then nothing more is read from the server, acknowledgements included,
    /// until the reader has taken half of them. A reader that takes none for three quarters of the keep-alive ends the
    /// connection with code `.overflow`; without keep-alive, nothing does.
    public static let messageBuffer = 256

    /// What the server publishes to this client, from the first byte after CONNACK on. For one reader.
    public let messages: AsyncStream<Packet.Publish>

    private let channel: any Channel
    private let handler: NIOLoopBoundBox<ConnectionHandler?>

    /// Connects, lends the connection to `body`, says DISCONNECT and closes.
    ///
    /// - Parameters:
    ///   - tls: nil = plain TCP.
    ///   - deadline: for name lookup, TCP, TLS and CONNACK together.
    ///   - intercept: sees each message on the event loop before ``messages`` does; true = taken, not passed on. It must
    ///     not block.
    /// - Throws: ``ConnectionError``, `CancellationError`, or what `body` throws.
    public static func withConnection<R>(
        to host: String, port: Int, tls: TLSClient?, connect: Packet.Connect, deadline: Duration,
        group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup,
        intercept: (@Sendable (Packet.Publish) -> Bool)? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Connection) async throws -> R
    ) async throws -> R {
        let connection = try await open(
            to: host, port: port, tls: tls, connect: connect, deadline: deadline, on: group.next(),
            intercept: intercept)
        let result: R
        do {
            result = try await body(connection)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        return result
    }

    /// Publishes a message: at QoS 1 returns when the server has acknowledged it, at QoS 0 when the system took it.
    ///
    /// - Throws: ``ConnectionError``; after `.closed` or `.timeout` the message may or may not have arrived.
    ///   `CancellationError`, after which it may still be sent.
    public func publish(
        topic: String, payload: ByteBuffer, qos: QoS = .atLeastOnce, retain: Bool = false
    ) async throws {
        let message = Packet.Publish(topic: topic, payload: payload, qos: qos, retain: retain)
        if qos == .atMostOnce {
            var scratch = ByteBuffer()
            do {
                try Packet.publish(message).encode(into: &scratch)
            } catch {
                throw ConnectionError(.invalid, "\(error.sentence).")
            }
            return try await perform { $0.write(.publish(message), $1) }
        }
        try await perform { handler, promise in
            handler.submit(promise) { id in
                var message = message
                message.id = id
                return .publish(message)
            }
        }
    }

    /// Subscribes to all filters at QoS 1; returns when the server has granted every one.
    ///
    /// - Throws: ``ConnectionError``, with code `.subscriptionRefused` naming the first filter refused.
    public func subscribe(_ filters: [String]) async throws {
        let lines = filters.map { Packet.Subscription(filter: $0, qos: .atLeastOnce) }
        try await perform { $0.submit($1) { id in .subscribe(id: id, lines) } }
    }

    /// Takes subscriptions back; returns when the server has said so.
    public func unsubscribe(_ filters: [String]) async throws {
        try await perform { $0.submit($1) { id in .unsubscribe(id: id, filters: filters) } }
    }

    /// Returns when the connection has ended, with the reason.
    ///
    /// - Throws: `CancellationError` if the task is cancelled first.
    public func closed() async throws -> ConnectionError {
        let promise = channel.eventLoop.makePromise(of: ConnectionError.self)
        whenClosed { promise.succeed($0) }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    /// Calls back on the event loop when the connection has ended.
    package func whenClosed(_ callback: @escaping @Sendable (ConnectionError) -> Void) {
        channel.closeFuture.whenComplete { _ in
            callback(handler.value?.endReason ?? ConnectionError(.closed, "The connection has ended."))
        }
    }

    // MARK: - Life

    private static func open(
        to host: String, port: Int, tls: TLSClient?, connect: Packet.Connect, deadline: Duration,
        on eventLoop: any EventLoop, intercept: (@Sendable (Packet.Publish) -> Bool)?
    ) async throws -> Connection {
        guard (1...65_535).contains(port) else {
            throw ConnectionError(.invalid, "Port \(port) is none: expected 1 to 65535.")
        }
        let peer = "\(host):\(port)"
        let feed = MessageFeed(capacity: messageBuffer)
        let opened = eventLoop.makePromise(of: Void.self)
        let handler = NIOLoopBoundBox<ConnectionHandler?>.makeBoxSendingValue(nil, eventLoop: eventLoop)
        let messages = feed.messages { eventLoop.execute { handler.value?.resumeReading() } }
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(deadline))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(tls.makeHandler(host: host)) }
                    try pipeline.addHandler(
                        ByteToMessageHandler(PacketDecoder(maximumLength: Packet.defaultMaximumLength)))
                    try pipeline.addHandler(MessageToByteHandler(PacketEncoder()))
                    let last = ConnectionHandler(
                        connect: connect, peer: peer, usesTLS: tls != nil, opened: opened, feed: feed,
                        intercept: intercept)
                    try pipeline.addHandler(last)
                    handler.value = last
                }
            }
        // An address needs no lookup: NIO makes lookups one after the other, and a dead name server would hold all up.
        let connecting =
            if let address = try? SocketAddress(ipAddress: host, port: port) {
                bootstrap.connect(to: address)
            } else {
                bootstrap.connect(host: host, port: port)
            }
        connecting.whenFailure { opened.fail(ConnectionError(connecting: $0, peer: peer)) }
        let timer = eventLoop.scheduleTask(in: TimeAmount(deadline)) {
            let phase = handler.value?.phase ?? "name lookup"
            opened.fail(
                ConnectionError(.timeout, "\(peer) was not ready within \(deadline): no answer during \(phase)."))
        }
        opened.futureResult.whenComplete { result in
            timer.cancel()
            guard case .failure = result else { return }
            feed.finish()
            connecting.whenSuccess { $0.close(promise: nil) }
        }
        try await withTaskCancellationHandler {
            try await opened.futureResult.get()
        } onCancel: {
            opened.fail(CancellationError())
        }
        return Connection(messages: messages, channel: try await connecting.get(), handler: handler)
    }

    private func close() async {
        channel.eventLoop.execute { handler.value?.disconnect() }
        // A close future never fails; a cancelled task still waits here, for at most the TLS shutdown's second.
        _ = try? await channel.closeFuture.get()
    }

    /// Runs `call` on the event loop and waits for its promise; a cancelled task stops waiting at once.
    private func perform(
        _ call: @escaping @Sendable (ConnectionHandler, EventLoopPromise<Void>) -> Void
    ) async throws {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute {
            guard let handler = handler.value else {
                return promise.fail(ConnectionError(.closed, "The connection has ended."))
            }
            call(handler, promise)
        }
        try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }
}
