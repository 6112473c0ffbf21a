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

    enum CodingKeys: String, CodingKey {
        case latencyMilliseconds = "latency_ms"
        case errorRate = "error_rate"
        case lostReplyRate = "lost_reply_rate"
        case throttleRate = "throttle_rate"
        case dropMQTTRate = "drop_mqtt_rate"
        case outageSeconds = "outage_seconds"
    }

    public init(
        latencyMilliseconds: Int? = nil, errorRate: Double? = nil, lostReplyRate: Double? = nil,
        throttleRate: Double? = nil, dropMQTTRate: Double? = nil, outageSeconds: Double? = nil
    ) {
        (self.latencyMilliseconds, self.errorRate) = (latencyMilliseconds, errorRate)
        self.lostReplyRate = lostReplyRate
        (self.throttleRate, self.dropMQTTRate, self.outageSeconds) = (throttleRate, dropMQTTRate, outageSeconds)
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
        return sentences
    }
}

/// One device as the admin door lists it: never with its secret. Times are `Utc…` texts, `null` where they never were.
public struct ListedDevice: Codable, Equatable, Sendable {
    public var productKey: String
    public var deviceName: String
    public var iotID: String
    /// `UNACTIVE`, `ONLINE`, `OFFLINE` or `DISABLE`.
    public var status: String
    public var created: String
    public var activated: String?
    public var lastOnline: String?
    public var firmwareVersion: String?
    /// Whether dynamic registration of the name would be accepted.
    public var registrationOpen: Bool

    enum CodingKeys: String, CodingKey {
        case status, created, activated
        case productKey = "product_key"
        case deviceName = "device_name"
        case iotID = "iot_id"
        case lastOnline = "last_online"
        case firmwareVersion = "firmware_version"
        case registrationOpen = "registration_open"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(productKey, forKey: .productKey)
        try container.encode(deviceName, forKey: .deviceName)
        try container.encode(iotID, forKey: .iotID)
        try container.encode(status, forKey: .status)
        try container.encode(created, forKey: .created)
        try container.encode(activated, forKey: .activated)
        try container.encode(lastOnline, forKey: .lastOnline)
        try container.encode(firmwareVersion, forKey: .firmwareVersion)
        try container.encode(registrationOpen, forKey: .registrationOpen)
    }
}

/// One refused registration or connection with its true reason, from the stand-in's own log.
public struct ListedRefusal: Codable, Equatable, Sendable {
    /// `Utc…` text.
    public var time: String
    /// `mqtt register`, `mqtt connect` or `https register`.
    public var channel: String
    public var product: String
    public var device: String
    public var reason: String
}
