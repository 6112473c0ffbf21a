/// What a board says about the cloud's refusal: read from its console, or met by the relay.
public enum BoardRefusal: Sendable, Equatable {
    /// The CONNACK code of its registration over MQTT.
    case registrationOverMQTT(UInt8)
    /// The platform's number for its registration over HTTPS.
    case registrationOverHTTPS(Int)
    /// The CONNACK code of its connection with its own device credential.
    case connection(UInt8)
    /// It was refused, and does not say how.
    case unknown
}
