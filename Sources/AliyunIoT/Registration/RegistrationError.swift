import MQTT

/// Why a dynamic registration gave no device credential.
public struct RegistrationError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// 6288: the product's dynamic-registration switch is off. Only the platform's console can set it.
        case switchOff
        /// 6289: the device has been activated; ResetThing first, after checking that it is the same board.
        case alreadyActive
        /// 6600: the signature is wrong, which means the ProductSecret is.
        case wrongSecret
        /// 6100: no such device.
        case noDevice
        /// 6250: no such product.
        case noProduct
        /// 6292: the platform does not know the sign method.
        case signMethod
        /// 460, or CONNACK 2: a parameter is missing or malformed.
        case badRequest
        /// CONNACK 4 or 5: refused, and MQTT does not tell why (secret, switch, missing, active or disabled).
        case refused
        /// 500, CONNACK 3, HTTP 5xx or throttling: trouble of the cloud's own.
        case outage
        /// No answer in time, or the connection ended first. The earlier DeviceSecret may be dead.
        case timeout
        case unreachable
        case tls
        /// The result is for another device than was asked for.
        case otherDevice
        /// This cloud has no HTTPS registration.
        case notOffered
        case unexpected
    }

    public let code: Code
    /// The platform's number on HTTPS, the CONNACK code on MQTT.
    public let remoteCode: Int?
    /// What happened and what to do next.
    public let sentence: String

    public init(_ code: Code, _ sentence: String, remoteCode: Int? = nil) {
        self.code = code
        self.sentence = sentence
        self.remoteCode = remoteCode
    }

    /// Whether it will pass by itself: hold and try again (at least 12 s later, a device has 5 connects a minute).
    ///
    /// So are an answer that is none, as a proxy's, and TLS that does not come about: no board is to blame for them. A
    /// refusal by a number that is not documented is no such trouble.
    public var isCloudTrouble: Bool {
        switch code {
        case .outage, .timeout, .unreachable, .tls: true
        case .unexpected: remoteCode == nil
        default: false
        }
    }

    /// Whether surely nothing was issued, so that an earlier DeviceSecret still holds.
    public var hadNoEffect: Bool {
        switch code {
        case .outage, .timeout, .otherDevice, .unexpected: false
        default: true
        }
    }

    public var description: String { remoteCode.map { "\(sentence) [code \($0)]" } ?? sentence }

    /// Classes a number of the HTTPS interface ("Register devices", error codes).
    init(https number: Int, message: String) {
        let (code, sentence): (Code, String) =
            switch number {
            case 460: (.badRequest, "A parameter is missing or malformed: check product key and device name.")
            case 500: (.outage, "The cloud has a fault of its own; waiting helps.")
            case 6100: (.noDevice, "The device does not exist in the cloud: register its name first.")
            case 6250: (.noProduct, "The product does not exist in the cloud: check the product key.")
            case 6288: (.switchOff, "Dynamic registration is switched off: turn it on in the platform's console.")
            case 6289: (.alreadyActive, "The device is active already: reset it, if it is the same board.")
            case 6292: (.signMethod, "The cloud does not know the sign method.")
            case 6600: (.wrongSecret, "The signature is wrong: the ProductSecret is not this product's.")
            default: (.unexpected, "The cloud refused for a reason that is not documented.")
            }
        let said = CloudError.clean(message)
        self.init(code, said.isEmpty ? sentence : "\(sentence) The cloud says: \(said).", remoteCode: number)
    }

    init(_ error: CloudError) {
        let code: Code =
            switch error.code {
            case .throttled, .outage: .outage
            case .timeout: .timeout
            case .unreachable: .unreachable
            case .tls: .tls
            case .input: .badRequest
            default: .unexpected
            }
        self.init(code, error.sentence, remoteCode: error.httpStatus)
    }

    init(_ error: ConnectionError) {
        switch error.code {
        case .refused(2):
            self.init(.badRequest, error.sentence, remoteCode: 2)
        case .refused(3):
            self.init(.outage, error.sentence, remoteCode: 3)
        case .refused(let code) where code >= 4:
            self.init(
                .refused,
                "Registration refused, MQTT does not tell why: ProductSecret, switch off, unknown, active or disabled.",
                remoteCode: Int(code))
        case .refused(let code):
            self.init(.unexpected, error.sentence, remoteCode: Int(code))
        case .unreachable: self.init(.unreachable, error.sentence)
        case .tls: self.init(.tls, error.sentence)
        case .timeout, .closed: self.init(.timeout, error.sentence)
        case .invalid: self.init(.badRequest, error.sentence)
        case .protocolViolation, .overflow, .subscriptionRefused: self.init(.unexpected, error.sentence)
        }
    }
}
