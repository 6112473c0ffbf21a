/// Why an MQTT connection did not come about, or ended.
public struct ConnectionError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: Equatable, Sendable {
        /// No TCP connection: name unknown, no route, nobody listening. Nothing was sent.
        case unreachable
        /// The TLS handshake failed for a reason the other side or our trust roots gave; trying again does not help.
        case tls
        /// The server answered CONNECT with this code (3.2.2.3): 1 protocol level, 2 client identifier, 3 server
        /// unavailable, 4 user name or password, 5 not authorised.
        case refused(UInt8)
        /// A deadline passed, or a ping was not answered.
        case timeout
        /// The connection ended; what was not acknowledged may or may not have arrived.
        case closed
        /// The peer broke the protocol.
        case protocolViolation
        /// The messages were not read at all; the connection was closed so that none is lost unseen.
        case overflow
        /// The server refused a subscription (SUBACK 0x80).
        case subscriptionRefused
        /// What the caller asked for has no legal form, such as a topic with wildcards.
        case invalid
    }

    public let code: Code
    /// What happened, with the values expected and received, and what to look at.
    public let sentence: String

    public init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    public var description: String { sentence }

    static func refused(_ code: UInt8) -> ConnectionError {
        let meaning =
            switch code {
            case 1: "it does not speak MQTT 3.1.1"
            case 2: "client identifier rejected: check the parameters in it, and that the connection uses TLS"
            case 3: "server unavailable: try again later"
            case 4: "user name or password wrong: check the credential"
            case 5: "not authorised: check the credential and whether the device is disabled"
            default: "no documented meaning"
            }
        return ConnectionError(.refused(code), "The server refused the connection with code \(code): \(meaning).")
    }
}
