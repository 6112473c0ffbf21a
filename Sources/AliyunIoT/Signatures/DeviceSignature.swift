public import Provisioning

/// The password of a device's normal connection ("MQTT-TLS connection").
///
/// Signed under the DeviceSecret: `clientId{id}deviceName{DeviceName}productKey{ProductKey}timestamp{timestamp}`, the
/// last pair only when a timestamp is sent. The platform does not demand that the timestamp be current.
public struct DeviceSignature: Sendable, Equatable {
    /// The part of the MQTT client identifier in front of the first `|`.
    public var clientID: String
    public var deviceName: String
    public var productKey: String
    /// Milliseconds since 1970 as text, just as sent; nil = not sent.
    public var timestamp: String?

    public init(clientID: String, deviceName: String, productKey: String, timestamp: String? = nil) {
        self.clientID = clientID
        self.deviceName = deviceName
        self.productKey = productKey
        self.timestamp = timestamp
    }

    /// The signature in upper-case hex.
    public func sign(secret: Secret, method: SignMethod) -> String { method.hexDigest(of: content, secret: secret) }

    /// Whether `signature` is right: hex of either case, compared in constant time.
    public func verify(_ signature: String, secret: Secret, method: SignMethod) -> Bool {
        method.verify(signature, of: content, secret: secret)
    }

    private var content: String {
        "clientId\(clientID)deviceName\(deviceName)productKey\(productKey)"
            + (timestamp.map { "timestamp\($0)" } ?? "")
    }
}
