public import Provisioning

/// The signature of a dynamic registration, the same over MQTT and HTTPS ("MQTT-based dynamic registration";
/// "Register devices").
///
/// Only three fields are signed, in alphabetical order and without separators:
/// `deviceName{DeviceName}productKey{ProductKey}random{random}`, under the ProductSecret.
public struct RegistrationSignature {
    /// The signature in upper-case hex, as the vendor's C SDK sends it.
    public static func sign(
        productKey: String, deviceName: String, random: String, secret: Secret, method: SignMethod
    ) -> String {
        method.hexDigest(of: content(productKey, deviceName, random), secret: secret)
    }

    /// Whether `signature` is right: hex of either case, compared in constant time.
    public static func verify(
        _ signature: String, productKey: String, deviceName: String, random: String, secret: Secret, method: SignMethod
    ) -> Bool {
        method.verify(signature, of: content(productKey, deviceName, random), secret: secret)
    }

    private static func content(_ productKey: String, _ deviceName: String, _ random: String) -> String {
        "deviceName\(deviceName)productKey\(productKey)random\(random)"
    }
}
