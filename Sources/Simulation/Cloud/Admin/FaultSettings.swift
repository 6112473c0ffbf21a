/// Positions of a stand-in's fault switches to set; what is `nil` stays as it is.
public struct FaultSettings: Codable, Equatable, Sendable {
    /// Delay before each HTTP answer and each MQTT CONNACK, milliseconds, 0…60,000.
    public var latencyMilliseconds: Int?
    /// Share of HTTP requests answered 503 before they have any effect, 0…1.
    public var errorRate: Double?
    /// Share of HTTP requests carried out and then answered 503, 0…1.
    public var lostReplyRate: Double?
    /// Share of OpenAPI calls answered 400 Throttling.User, 0…1.
    public var throttleRate: Double?
    /// Share of MQTT connections cut before or right after CONNACK, 0…1.
    public var dropMQTTRate: Double?
    /// Seconds from now in which everything is refused; 0 ends an outage.
    public var outageSeconds: Double?
    /// Faults of single kinds of calls, by their name: an action of the OpenAPI, `register-https`, `register-mqtt`,
    /// `connect-mqtt`, or `*` for all others. They take the place of all that were set; an empty one takes all back.
    public var calls: [String: CallFault]?

    enum CodingKeys: String, CodingKey {
        case latencyMilliseconds = "latency_ms"
        case errorRate = "error_rate"
        case lostReplyRate = "lost_reply_rate"
        case throttleRate = "throttle_rate"
        case dropMQTTRate = "drop_mqtt_rate"
        case outageSeconds = "outage_seconds"
        case calls
    }

    public init(
        latencyMilliseconds: Int? = nil, errorRate: Double? = nil, lostReplyRate: Double? = nil,
        throttleRate: Double? = nil, dropMQTTRate: Double? = nil, outageSeconds: Double? = nil,
        calls: [String: CallFault]? = nil
    ) {
        (self.latencyMilliseconds, self.errorRate) = (latencyMilliseconds, errorRate)
        self.lostReplyRate = lostReplyRate
        (self.throttleRate, self.dropMQTTRate, self.outageSeconds) = (throttleRate, dropMQTTRate, outageSeconds)
        self.calls = calls
    }

    /// All positions of the switches.
    init(_ positions: FaultSwitches.Positions, _ calls: [String: CallFault]) {
        self.init(
            latencyMilliseconds: positions.latencyMilliseconds, errorRate: positions.errorRate,
            lostReplyRate: positions.lostReplyRate, throttleRate: positions.throttleRate,
            dropMQTTRate: positions.dropMQTTRate, outageSeconds: positions.outageSeconds, calls: calls)
    }

    /// What is out of range, one sentence each.
    public var problems: [String] {
        var sentences: [String] = []
        func check<Value: Comparable>(_ name: String, _ value: Value?, _ range: ClosedRange<Value>) {
            guard let value, !range.contains(value) else { return }
            sentences.append("\(name) is \(value): allowed is \(range.lowerBound)…\(range.upperBound)")
        }
        check("latency_ms", latencyMilliseconds, 0...60_000)
        check("error_rate", errorRate, 0...1)
        check("lost_reply_rate", lostReplyRate, 0...1)
        check("throttle_rate", throttleRate, 0...1)
        check("drop_mqtt_rate", dropMQTTRate, 0...1)
        check("outage_seconds", outageSeconds, 0...86_400)
        for name in (calls ?? [:]).keys.sorted() where !CallFaults.names.contains(name) {
            sentences.append(
                "there is no call \(name): expected an action of the OpenAPI, register-https, register-mqtt, connect-mqtt or *"
            )
        }
        return sentences
    }
}
