/// The life of one client connection as a state machine: events in, actions out, no I/O and no clock.
///
/// ```
/// connecting ─► handshaking ─► awaitingConnack ─► open ─► closed
///      └── plain TCP ────────────────▲
/// ```
struct ConnectionState<Request> {
    enum Phase: Equatable {
        case connecting, handshaking, awaitingConnack, open, closed

        /// For "… during TLS handshake".
        var name: String {
            switch self {
            case .connecting: "TCP connect"
            case .handshaking: "TLS handshake"
            case .awaitingConnack: "MQTT CONNECT"
            case .open, .closed: "the session"
            }
        }
    }

    enum Action {
        case send(Packet)
        /// CONNACK 0 has come.
        case opened
        /// Hand a message to the reader, and then send this PUBACK.
        case deliver(Packet.Publish)
        case succeed(Request)
        case fail(Request, ConnectionError)
        /// Close the channel; the error is for the caller of connect and for the reader.
        case close(ConnectionError)
    }

    private(set) var phase = Phase.connecting
    private(set) var window: InFlightWindow<Request>
    private(set) var endReason: ConnectionError?
    private var isPingOutstanding = false
    private let connect: Packet.Connect
    private let peer: String

    init(connect: Packet.Connect, peer: String, window: InFlightWindow<Request> = InFlightWindow()) {
        self.connect = connect
        self.peer = peer
        self.window = window
    }

    /// TCP stands.
    mutating func connected(usesTLS: Bool) -> [Action] {
        guard phase == .connecting else { return [] }
        if usesTLS {
            phase = .handshaking
            return []
        }
        phase = .awaitingConnack
        return [.send(.connect(connect))]
    }

    /// TLS stands and the certificate was found good.
    mutating func handshakeCompleted() -> [Action] {
        guard phase == .handshaking else { return [] }
        phase = .awaitingConnack
        return [.send(.connect(connect))]
    }

    mutating func received(_ packet: Packet) -> [Action] {
        switch (phase, packet) {
        case (.awaitingConnack, .connack(_, 0)):
            phase = .open
            return [.opened]
        case (.awaitingConnack, .connack(_, let code)):
            return end(.refused(code))
        case (.open, .publish(let message)):
            return [.deliver(message)]
        case (.open, .puback(let id)), (.open, .suback(let id, _)), (.open, .unsuback(let id)):
            return acknowledged(id, by: packet)
        case (.open, .pingresp):
            isPingOutstanding = false
            return []
        case (.closed, _):
            return []
        default:
            return end(
                ConnectionError(.protocolViolation, "\(peer) sent \(packet.name) during \(phase.name), out of turn."))
        }
    }

    /// A request that needs an acknowledgement: PUBLISH at QoS 1, SUBSCRIBE, UNSUBSCRIBE.
    mutating func submit(_ request: Request, _ make: @escaping @Sendable (UInt16) -> Packet) -> [Action] {
        guard phase == .open else { return [.fail(request, closedError)] }
        return window.submit(request, make).map { [.send($0)] } ?? []
    }

    /// Called every three quarters of the keep-alive [MQTT-3.1.2-23].
    ///
    /// `isAnswerDue` is false when reading was paused since the last call: the answer may be there, unread.
    mutating func keepAliveTick(isAnswerDue: Bool = true) -> [Action] {
        guard phase == .open else { return [] }
        if isPingOutstanding && isAnswerDue {
            return end(ConnectionError(.timeout, "\(peer) did not answer a ping within the keep-alive."))
        }
        isPingOutstanding = true
        return [.send(.pingreq)]
    }

    /// The connection is over for `error`; everything that waits learns of it, once.
    mutating func end(_ error: ConnectionError) -> [Action] {
        guard phase != .closed else { return [] }
        phase = .closed
        endReason = error
        return window.removeAll().map { .fail($0, error) } + [.close(error)]
    }

    var closedError: ConnectionError {
        endReason ?? ConnectionError(.closed, "The connection to \(peer) is not open.")
    }

    private mutating func acknowledged(_ id: UInt16, by packet: Packet) -> [Action] {
        // A PUBACK for an identifier not in use is a late repeat: nothing waits for it.
        guard let entry = window.inFlight[id] else { return [] }
        guard let outcome = Self.outcome(of: entry.packet, answeredBy: packet, peer: peer) else {
            return end(
                ConnectionError(
                    .protocolViolation, "\(peer) answered \(entry.packet.name) \(id) with \(packet.name)."))
        }
        let next = window.acknowledge(id)?.next
        let sends: [Action] = next.map { [.send($0)] } ?? []
        switch outcome {
        case .success: return [.succeed(entry.request)] + sends
        case .failure(let error): return [.fail(entry.request, error)] + sends
        }
    }

    /// Nil if the answer does not belong to the question.
    private static func outcome(
        of question: Packet, answeredBy answer: Packet, peer: String
    ) -> Result<Void, ConnectionError>? {
        switch (question, answer) {
        case (.publish, .puback), (.unsubscribe, .unsuback):
            return .success(())
        case (.subscribe(_, let lines), .suback(_, let codes)):
            // One code a filter, in order [MQTT-3.9.3-1].
            guard codes.count == lines.count else { return nil }
            guard let refused = zip(lines, codes).first(where: { $0.1 == 0x80 })?.0 else { return .success(()) }
            return .failure(
                ConnectionError(.subscriptionRefused, "\(peer) refused the subscription to \(refused.filter)."))
        default:
            return nil
        }
    }
}

extension Packet {
    /// The packet's name in the standard, for sentences.
    var name: String {
        switch self {
        case .connect: "CONNECT"
        case .connack: "CONNACK"
        case .publish: "PUBLISH"
        case .puback: "PUBACK"
        case .subscribe: "SUBSCRIBE"
        case .suback: "SUBACK"
        case .unsubscribe: "UNSUBSCRIBE"
        case .unsuback: "UNSUBACK"
        case .pingreq: "PINGREQ"
        case .pingresp: "PINGRESP"
        case .disconnect: "DISCONNECT"
        }
    }
}
