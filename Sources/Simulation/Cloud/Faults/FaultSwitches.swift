import Locking

/// The faults of a stand-in, turned while it runs by `station simulate faults`.
final class FaultSwitches: Sendable {
    /// The positions, as the admin door shows them. Rates are 0…1.
    struct Positions: Codable, Equatable, Sendable {
        /// Delay before each HTTP answer and each MQTT CONNACK, milliseconds.
        var latencyMilliseconds = 0
        /// Share of HTTP requests answered 503 ServiceUnavailable before they have any effect.
        var errorRate = 0.0
        /// Share of HTTP requests that are carried out and then answered 503: the reply is lost.
        var lostReplyRate = 0.0
        /// Share of OpenAPI calls answered 400 Throttling.User.
        var throttleRate = 0.0
        /// Share of MQTT connections that are cut, half of them before CONNACK, half right after it.
        var dropMQTTRate = 0.0
        /// Seconds of outage left; 0 = none.
        var outageSeconds = 0.0

        enum CodingKeys: String, CodingKey {
            case latencyMilliseconds = "latency_ms"
            case errorRate = "error_rate"
            case lostReplyRate = "lost_reply_rate"
            case throttleRate = "throttle_rate"
            case dropMQTTRate = "drop_mqtt_rate"
            case outageSeconds = "outage_seconds"
        }
    }

    /// What happens to one HTTP request.
    enum WebFault: Sendable { case none, unavailable, throttled, lostReply }
    /// What happens to one MQTT connection.
    enum ConnectionFault: Sendable { case none, cutBeforeAnswer, cutAfterAnswer }

    private struct State {
        var positions = Positions()
        var outageEnd: ContinuousClock.Instant?
    }

    private let state = Locked(State())

    init(outageSeconds: Double = 0) {
        set { positions in positions.outageSeconds = outageSeconds }
    }

    /// The positions now.
    var positions: Positions {
        state.withLock { state in
            var positions = state.positions
            let left = state.outageEnd.map { ContinuousClock.now.duration(to: $0) } ?? .zero
            positions.outageSeconds = max(0, left / .seconds(1))
            return positions
        }
    }

    /// Turns some switches. A new `outageSeconds` above 0 starts an outage from now, 0 ends it.
    func set(_ change: (inout Positions) -> Void) {
        var wanted = positions
        let outageBefore = wanted.outageSeconds
        change(&wanted)
        let changed = wanted
        state.withLock { state in
            state.positions = changed
            guard changed.outageSeconds != outageBefore else { return }
            state.outageEnd = changed.outageSeconds > 0 ? .now + .seconds(changed.outageSeconds) : nil
        }
    }

    /// Whether everything is refused at the moment.
    var isOutage: Bool { state.withLock { state in state.outageEnd.map { $0 > .now } ?? false } }

    var latency: Duration { .milliseconds(state.withLock { $0.positions.latencyMilliseconds }) }

    /// Draws what happens to an HTTP request; only OpenAPI calls are throttled.
    func drawWeb(canThrottle: Bool) -> WebFault {
        if isOutage { return .unavailable }
        let positions = positions
        if Self.hits(positions.errorRate) { return .unavailable }
        if canThrottle, Self.hits(positions.throttleRate) { return .throttled }
        return Self.hits(positions.lostReplyRate) ? .lostReply : .none
    }

    /// Draws what happens to an MQTT connection.
    func drawConnection() -> ConnectionFault {
        if isOutage { return .cutBeforeAnswer }
        guard Self.hits(positions.dropMQTTRate) else { return .none }
        return Bool.random() ? .cutBeforeAnswer : .cutAfterAnswer
    }

    private static func hits(_ rate: Double) -> Bool { rate > 0 && Double.random(in: 0..<1) < rate }
}
