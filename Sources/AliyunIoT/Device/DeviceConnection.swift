import Foundation
import MQTT
import NIOCore
public import Provisioning

/// A device's normal connection with its own credential ("MQTT-TLS connection"): what activates it.
///
/// TLS always. Used by the relay and by the simulated firmware; signs with whatever secret it is given.
public struct DeviceConnection: Sendable {
    public let cloud: Cloud
    public let productKey: String
    public let deviceName: String
    /// In front of the first `|` of the client identifier, at most 64 characters.
    public let clientIDPrefix: String
    public let signMethod: SignMethod
    /// Milliseconds since 1970 as text; nil = not sent. The platform does not compare it with its clock.
    public let timestamp: String?
    /// 30 to 1200 s; the platform refuses others.
    public let keepAlive: UInt16

    /// - Parameter clientIDPrefix: nil = `{ProductKey}.{DeviceName}`, as the vendor's C SDK has it.
    public init(
        cloud: Cloud, productKey: String, deviceName: String, clientIDPrefix: String? = nil,
        signMethod: SignMethod = .hmacsha256, timestamp: String? = nil, keepAlive: UInt16 = 60
    ) {
        self.cloud = cloud
        self.productKey = productKey
        self.deviceName = deviceName
        self.clientIDPrefix = clientIDPrefix ?? "\(productKey).\(deviceName)"
        self.signMethod = signMethod
        self.timestamp = timestamp
        self.keepAlive = min(max(keepAlive, 30), 1200)
    }

    /// Connects, lends the session to `body`, and disconnects; the connection is kept alive for that long.
    ///
    /// - Parameter deadline: over TCP, TLS and CONNACK.
    /// - Throws: ``MQTT/ConnectionError``: `.refused(4)` and `.refused(5)` both mean a refused credential. What `body`
    ///   throws.
    public func withSession<R>(
        deviceSecret: Secret, deadline: Duration = .seconds(15), isolation: isolated (any Actor)? = #isolation,
        _ body: (DeviceSession) async throws -> R
    ) async throws -> R {
        try await withSession(connectPacket(deviceSecret: deviceSecret), deadline: deadline, body)
    }

    /// The same for a device without pre-registration (authType `connwl`): the ClientID it was given stands in front of
    /// the first `|`, and the DeviceToken itself is the password.
    public func withSession<R>(
        credential: ClientCredential, deadline: Duration = .seconds(15),
        isolation: isolated (any Actor)? = #isolation, _ body: (DeviceSession) async throws -> R
    ) async throws -> R {
        try await withSession(connectPacket(credential: credential), deadline: deadline, body)
    }

    private func withSession<R>(
        _ connect: Packet.Connect, deadline: Duration, isolation: isolated (any Actor)? = #isolation,
        _ body: (DeviceSession) async throws -> R
    ) async throws -> R {
        let replies = ReplyBox()
        let prefix = "/sys/\(productKey)/\(deviceName)/"
        return try await Connection.withConnection(
            to: cloud.mqttHost(for: productKey), port: cloud.mqttPort, tls: cloud.tls(), connect: connect,
            deadline: deadline,
            intercept: { message in
                message.topic.hasPrefix(prefix) && message.topic.hasSuffix("_reply") && replies.take(message)
            }
        ) { connection in
            connection.whenClosed { replies.close($0) }
            return try await body(
                DeviceSession(
                    connection: connection, productKey: productKey, deviceName: deviceName, replies: replies))
        }
    }

    /// The same in one call.
    public static func withConnection<R>(
        cloud: Cloud, productKey: String, deviceName: String, deviceSecret: Secret, clientIDPrefix: String? = nil,
        keepAlive: UInt16 = 60, deadline: Duration = .seconds(15), isolation: isolated (any Actor)? = #isolation,
        _ body: (DeviceSession) async throws -> R
    ) async throws -> R {
        let device = DeviceConnection(
            cloud: cloud, productKey: productKey, deviceName: deviceName, clientIDPrefix: clientIDPrefix,
            keepAlive: keepAlive)
        return try await device.withSession(deviceSecret: deviceSecret, deadline: deadline, body)
    }

    func connectPacket(deviceSecret: Secret) -> Packet.Connect {
        var pairs: [ClientIDParameters.Pair] = [
            // 2 = TLS on every kind of instance; -2 belongs to registrations and to `connwl`.
            .init("securemode", "2"), .init("signmethod", signMethod.rawValue),
        ]
        if let timestamp { pairs.append(.init("timestamp", timestamp)) }
        let password = DeviceSignature(
            clientID: clientIDPrefix, deviceName: deviceName, productKey: productKey, timestamp: timestamp
        ).sign(secret: deviceSecret, method: signMethod)
        return Packet.Connect(
            clientID: ClientIDParameters(id: clientIDPrefix, pairs: pairs).text, keepAlive: keepAlive,
            username: "\(deviceName)&\(productKey)", password: ByteBuffer(string: password))
    }

    func connectPacket(credential: ClientCredential) -> Packet.Connect {
        let pairs: [ClientIDParameters.Pair] = [.init("securemode", "-2"), .init("authType", "connwl")]
        return Packet.Connect(
            clientID: ClientIDParameters(id: credential.clientID, pairs: pairs).text, keepAlive: keepAlive,
            username: "\(deviceName)&\(productKey)",
            password: credential.deviceToken.withBytes { ByteBuffer(bytes: $0) })
    }
}
