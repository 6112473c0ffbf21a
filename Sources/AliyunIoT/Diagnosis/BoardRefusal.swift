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

/// Whether a device must exist before it registers.
public enum RegistrationMode: String, Sendable, CaseIterable {
    /// 预注册: `register`, DeviceSecret.
    case preRegistered = "pre-registered"
    /// 免预注册: `regnwl`, ClientID and DeviceToken.
    case noPreregistration = "no-preregistration"
}
