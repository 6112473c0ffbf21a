import NIOCore
import Testing

@testable import MQTT

@Suite("The life of a client connection, as a state machine")
struct ConnectionStateTests {
    typealias State = ConnectionState<String>

    /// Actions as short texts, so that a whole answer can be compared.
    private func texts(_ actions: [State.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .send(let packet): "send \(packet.name)"
            case .opened: "opened"
            case .deliver(let message): "deliver \(message.topic)"
            case .succeed(let request): "succeed \(request)"
            case .fail(let request, let error): "fail \(request) \(error.code)"
            case .close(let error): "close \(error.code)"
            }
        }
    }

    private func opened() -> State {
        var state = State(connect: .init(clientID: "a"), peer: "peer:1")
        _ = state.connected(usesTLS: false)
        _ = state.received(.connack(sessionPresent: false, code: 0))
        return state
    }

    @Test("over TLS nothing is said before the certificate was found good")
    func tls() {
        var state = State(connect: .init(clientID: "a"), peer: "peer:1")
        #expect(texts(state.connected(usesTLS: true)).isEmpty)
        #expect(texts(state.handshakeCompleted()) == ["send CONNECT"])
        #expect(texts(state.received(.connack(sessionPresent: false, code: 0))) == ["opened"])
    }

    @Test("a refusal carries the server's code", arguments: UInt8(1)...5)
    func refused(_ code: UInt8) {
        var state = State(connect: .init(clientID: "a"), peer: "peer:1")
        _ = state.connected(usesTLS: false)
        let actions = state.received(.connack(sessionPresent: false, code: code))
        #expect(texts(actions) == ["close \(ConnectionError.Code.refused(code))"])
        #expect(state.closedError.code == .refused(code))
    }

    @Test(
        "packets out of turn end the connection",
        arguments: [
            Packet.connack(sessionPresent: false, code: 0), .connect(.init(clientID: "b")), .pingreq, .disconnect,
            .subscribe(id: 1, [.init(filter: "a")]), .unsubscribe(id: 1, filters: ["a"]),
        ])
    func outOfTurn(_ packet: Packet) {
        var state = opened()
        #expect(texts(state.received(packet)) == ["close protocolViolation"])
        #expect(texts(state.received(packet)).isEmpty)
    }

    @Test("a message before CONNACK is out of turn")
    func early() {
        var state = State(connect: .init(clientID: "a"), peer: "peer:1")
        _ = state.connected(usesTLS: false)
        #expect(
            texts(state.received(.publish(.init(topic: "a", payload: ByteBuffer())))) == ["close protocolViolation"])
    }

    @Test("a ping is sent on each tick; the second without an answer ends the connection")
    func keepAlive() {
        var state = opened()
        #expect(texts(state.keepAliveTick()) == ["send PINGREQ"])
        #expect(texts(state.received(.pingresp)).isEmpty)
        #expect(texts(state.keepAliveTick()) == ["send PINGREQ"])
        #expect(texts(state.keepAliveTick(isAnswerDue: false)) == ["send PINGREQ"])
        #expect(texts(state.keepAliveTick()) == ["close timeout"])
        #expect(texts(state.keepAliveTick()).isEmpty)
    }

    @Test("an acknowledgement of the wrong kind ends the connection, one for nobody is passed over")
    func acknowledgements() {
        var state = opened()
        #expect(texts(state.received(.puback(id: 9))).isEmpty)
        #expect(
            texts(state.submit("s") { .subscribe(id: $0, [.init(filter: "a"), .init(filter: "b")]) })
                == ["send SUBSCRIBE"])
        #expect(texts(state.received(.suback(id: 1, codes: [1, 0x80]))) == ["fail s subscriptionRefused"])
        #expect(texts(state.submit("t") { .unsubscribe(id: $0, filters: ["a"]) }) == ["send UNSUBSCRIBE"])
        #expect(
            texts(state.received(.puback(id: 2))) == ["fail t protocolViolation", "close protocolViolation"])
    }

    @Test("when the connection ends, what waits fails once, and later requests fail at once")
    func end() {
        var state = opened()
        _ = state.submit("p") { .publish(.init(topic: "a", payload: ByteBuffer(), qos: .atLeastOnce, id: $0)) }
        #expect(texts(state.end(ConnectionError(.closed, "over"))) == ["fail p closed", "close closed"])
        #expect(texts(state.end(ConnectionError(.timeout, "again"))).isEmpty)
        #expect(texts(state.submit("q") { .puback(id: $0) }) == ["fail q closed"])
        #expect(state.closedError.sentence == "over")
    }
}
