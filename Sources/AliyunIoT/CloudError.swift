/// Why a call to the cloud gave no result.
///
/// Never holds a secret: texts from the cloud are cut and cleaned before they are kept.
public struct CloudError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// Too many calls, by the cloud's count or by this station's share; the call had no effect.
        case throttled
        /// The cloud reported a fault of its own (5xx, SystemException); the effect of a write is unknown.
        case outage
        /// No answer before the deadline, or the connection ended first; the effect of a write is unknown.
        case timeout
        /// No connection; nothing was sent.
        case unreachable
        /// The TLS handshake failed: authority, name, dates or protocol. Nothing was sent.
        case tls
        /// The cloud finds this machine's clock wrong by more than 15 minutes.
        case clock
        /// The AccessKey is unknown, inactive, or its secret is wrong.
        case credentials
        /// The account or RAM user may not do this, or the instance does not offer it.
        case permission
        case notFound
        case alreadyExists
        /// A limit on devices or products is reached.
        case quota
        /// A parameter is missing or has the wrong form.
        case input
        /// An answer that fits nothing documented.
        case unexpected
    }

    public enum Retry: Sendable {
        /// Will pass by itself: wait and try again, or look first where a write may have taken effect.
        case backOff
        /// Stays until somebody changes something.
        case never
    }

    public let code: Code
    /// The cloud's own code, `iot.device.AlreadyExistedDeviceName` for instance; nil if it did not answer.
    public let remoteCode: String?
    /// The cloud's name for this call, for the vendor's support.
    public let requestID: String?
    public let httpStatus: Int?
    /// How long the cloud asks to wait (`x-acs-retry-after`).
    public let retryAfter: Duration?
    /// The answer's HTTP `Date` header.
    public let cloudDate: String?
    /// What happened and what to do next.
    public let sentence: String

    public init(
        _ code: Code, _ sentence: String, remoteCode: String? = nil, requestID: String? = nil, httpStatus: Int? = nil,
        retryAfter: Duration? = nil, cloudDate: String? = nil
    ) {
        self.code = code
        self.sentence = sentence
        self.remoteCode = remoteCode
        self.requestID = requestID
        self.httpStatus = httpStatus
        self.retryAfter = retryAfter
        self.cloudDate = cloudDate
    }

    public var retry: Retry {
        switch code {
        case .throttled, .outage, .timeout, .unreachable: .backOff
        default: .never
        }
    }

    /// Whether the call surely had no effect, so that even a write may be repeated as it is.
    public var hadNoEffect: Bool {
        switch code {
        case .outage, .timeout, .unexpected: false
        default: true
        }
    }

    public var description: String {
        let details = [remoteCode, requestID.map { "request \($0)" }].compactMap { $0 }
        return details.isEmpty ? sentence : "\(sentence) [\(details.joined(separator: ", "))]"
    }
}
