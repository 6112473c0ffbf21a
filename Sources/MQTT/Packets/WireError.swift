/// Bytes that break MQTT 3.1.1, or a packet that cannot be put into bytes; the connection must be closed
/// [MQTT-4.8.0-1].
public struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Which rule was broken.
    public enum Code: Equatable, Sendable {
        /// The remaining length needs more than four bytes (2.2.3).
        case badLength
        /// A packet longer than this side accepts; nothing of it was stored.
        case tooLarge
        /// The packet ends before its last field, or goes on behind it.
        case truncated, trailingBytes
        /// Type 0 or 15, or one of QoS 2's four packets (2.2.1).
        case unknownType
        /// Reserved bits of the fixed header or of the CONNECT and CONNACK flags (2.2.2, 3.1.2.3, 3.2.2.1).
        case badFlags
        /// Not UTF-8, with U+0000, or too long (1.5.3).
        case badString
        /// The protocol's name is not "MQTT" (3.1.2.1).
        case badProtocol
        /// Another level than 4; the server answers CONNACK 1 before it closes [MQTT-3.1.2-2].
        case badLevel
        /// QoS 2, which is not offered here, or 3, which does not exist [MQTT-3.3.1-4].
        case badQoS
        /// Packet identifier 0, or one where none belongs (2.3.1).
        case badIdentifier
        /// An empty topic or filter, or wildcards in the wrong place (4.7).
        case badTopic
        /// SUBSCRIBE, SUBACK or UNSUBSCRIBE without a line [MQTT-3.8.3-3, -3.10.3-2].
        case empty
        /// A return code outside its list (3.2.2.3, 3.9.3).
        case badCode
    }

    public let code: Code
    /// What was received and what would have been right; never a payload or a password.
    public let sentence: String

    public init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    public var description: String { "MQTT packet refused: \(sentence)" }
}
