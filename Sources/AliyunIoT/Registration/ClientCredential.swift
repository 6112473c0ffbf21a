public import Provisioning

/// What a registration without pre-registration (`regnwl`) returns: the pair the device connects with ever after.
///
/// The ClientID is no secret, the platform lists it (QueryClientIds); the DeviceToken is the password itself. Both are
/// opaque and are sent back byte for byte.
public struct ClientCredential: Sendable, Equatable {
    /// Longest text accepted for either part, in bytes; the shape of both is not documented.
    public static let longest = 128

    public let clientID: String
    public let deviceToken: Secret

    /// - Throws: ``RegistrationError`` with code `.unexpected` for an empty part, one of more than ``longest`` bytes, or
    ///   a ClientID with `|` or a control character, which would end it early in the MQTT client identifier.
    public init(clientID: String, deviceToken: Secret) throws(RegistrationError) {
        guard (1...Self.longest).contains(clientID.utf8.count), (1...Self.longest).contains(deviceToken.count) else {
            throw RegistrationError(
                .unexpected,
                "The result has a ClientID of \(clientID.utf8.count) and a DeviceToken of \(deviceToken.count) bytes; "
                    + "expected 1 to \(Self.longest) each.")
        }
        guard clientID.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "|") }) else {
            throw RegistrationError(.unexpected, "The result's ClientID holds `|` or a control character.")
        }
        self.clientID = clientID
        self.deviceToken = deviceToken
    }

    /// Whether the vendor's C SDK 4.x can keep it: its demo holds 63 bytes of DeviceToken, and 127 of the ClientID with
    /// the suffix it adds.
    public var fitsDeviceSDK: Bool {
        let suffix = "|authType=connwl,securemode=-2,_ss=1,ext=3,_v=sdk-c-4.2.0|"
        return deviceToken.count <= 63 && clientID.utf8.count + suffix.utf8.count <= 127
    }
}
