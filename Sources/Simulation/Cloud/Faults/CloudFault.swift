/// What goes wrong with one call to the stand-in.
///
/// An answer that is *held* comes when the fault is taken back, or after 60 s, which is longer than the station waits for
/// one call.
public enum CloudFault: String, CaseIterable, Sendable {
    // Nothing is carried out.
    /// HTTP 429 of a gateway, without the platform's own words; CONNACK 3 on MQTT.
    case tooMany = "429"
    /// HTTP 400 `Throttling.User`; CONNACK 3 on MQTT.
    case throttled
    /// HTTP 500 with a page in HTML; CONNACK 3 on MQTT.
    case internalError = "500"
    /// HTTP 503 `ServiceUnavailable`; CONNACK 3 on MQTT.
    case unavailable = "503"
    /// The connection is closed without an answer.
    case closed
    /// The call is held, and then carried out although nobody waits for it any more.
    case lateCall = "late-call"

    // Carried out, and the answer is spoilt.
    /// Carried out; the connection is closed without an answer.
    case lostReply = "lost-reply"
    /// Carried out; the connection is reset without an answer.
    case reset
    /// Carried out; the answer is held.
    case lateReply = "late-reply"
    /// Carried out; the answer's head and half of its body come, the rest is held. On MQTT: CONNACK, and nothing more.
    case silence
    /// Carried out; the connection is closed in the middle of the body. On MQTT: right after CONNACK.
    case truncated
    /// Carried out; half of the body comes as if it were all of it.
    case half
    /// Carried out; a page in HTML comes instead of the answer.
    case garbage

    /// Whether the call is carried out at once, so that only the answer suffers.
    public var isCarriedOut: Bool {
        switch self {
        case .tooMany, .throttled, .internalError, .unavailable, .closed, .lateCall: false
        case .lostReply, .reset, .lateReply, .silence, .truncated, .half, .garbage: true
        }
    }
}

/// A fault of all calls of one kind: until it is taken back, or for its next few calls.
///
/// As text `lost-reply` or `lost-reply*3`.
public struct CallFault: Hashable, Sendable, CustomStringConvertible {
    public let fault: CloudFault
    /// How many calls it meets still; nil = all.
    public var times: Int?

    public init(_ fault: CloudFault, times: Int? = nil) { (self.fault, self.times) = (fault, times) }

    /// Reads its text; nil for another.
    public init?(_ text: String) {
        let parts = text.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let fault = CloudFault(rawValue: parts[0]) else { return nil }
        let times = parts.count == 2 ? Int(parts[1]) : nil
        guard parts.count == 1 || times.map({ (1...1_000_000).contains($0) }) == true else { return nil }
        self.init(fault, times: times)
    }

    public var description: String { times.map { "\(fault.rawValue)*\($0)" } ?? fault.rawValue }
}

extension CallFault: Codable {
    public init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        let text = try box.decode(String.self)
        guard let read = CallFault(text) else {
            throw DecodingError.dataCorruptedError(in: box, debugDescription: "there is no fault \"\(text)\"")
        }
        self = read
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        try box.encode(description)
    }
}
