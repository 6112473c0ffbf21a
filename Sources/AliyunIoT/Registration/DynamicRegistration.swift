import Foundation
import MQTT
import NIOCore
import NIOFoundationCompat
public import Provisioning

/// 一型一密 dynamic registration: the product credential goes in; out comes the DeviceSecret of a pre-registered device,
/// or ClientID and DeviceToken of one without pre-registration.
///
/// Each registration before the first normal connection may make the earlier DeviceSecret void, or use up another of the
/// name's 5 ClientIDs, so nothing here repeats by itself and no connection is made twice. Used by the station's probe and relay, and by the simulated firmware.
public struct DynamicRegistration: Sendable {
    private let cloud: Cloud
    private let deadline: Duration
    private let pushDeadline: Duration
    private let signMethod: SignMethod

    /// - Parameters:
    ///   - deadline: over the whole HTTPS call; over MQTT's TCP, TLS and CONNACK.
    ///   - pushDeadline: from CONNACK to the pushed result, 5 to 15 s (the platform closes after about 15).
    public init(
        cloud: Cloud, deadline: Duration = .seconds(15), pushDeadline: Duration = .seconds(10),
        signMethod: SignMethod = .hmacsha256
    ) {
        self.cloud = cloud
        self.deadline = deadline
        self.pushDeadline = min(max(pushDeadline, .seconds(5)), .seconds(15))
        self.signMethod = signMethod
    }

    /// Registers over HTTPS, the only channel that says why it refuses ("Register devices").
    ///
    /// - Returns: the DeviceSecret.
    /// - Throws: ``RegistrationError``, `CancellationError`.
    public func overHTTPS(productKey: String, deviceName: String, productSecret: Secret) async throws -> Secret {
        guard let url = cloud.registration else {
            throw RegistrationError(.notOffered, "This cloud's HTTPS registration is not configured.")
        }
        let random = Self.random()
        let sign = RegistrationSignature.sign(
            productKey: productKey, deviceName: deviceName, random: random, secret: productSecret, method: signMethod)
        let form = [
            ("productKey", productKey), ("deviceName", deviceName), ("random", random), ("sign", sign),
            ("signMethod", signMethod.rawValue),
        ].map { "\($0)=\(RPCSignature.percentEncode($1))" }.joined(separator: "&")
        let http = HTTPCaller(caFile: cloud.caFile, connectTimeout: deadline)
        let reply: HTTPReply
        do {
            reply = try await http.post(url, form: form, deadline: deadline)
        } catch let error as CloudError {
            await http.shutdown()
            throw RegistrationError(error)
        } catch {
            await http.shutdown()
            throw error
        }
        await http.shutdown()
        return try Self.secret(in: reply, productKey: productKey, deviceName: deviceName)
    }

    /// Registers over MQTT ("MQTT-based dynamic registration", authType `register`): TLS always, no subscription, one
    /// connection, ended with DISCONNECT as soon as the result is there.
    ///
    /// - Returns: the DeviceSecret.
    /// - Throws: ``RegistrationError``, `CancellationError`.
    public func overMQTT(productKey: String, deviceName: String, productSecret: Secret) async throws -> Secret {
        try await overMQTT(
            .register, productKey: productKey, deviceName: deviceName, productSecret: productSecret
        ).secret()
    }

    /// Registers over MQTT without pre-registration (authType `regnwl`); the name is created where it does not exist.
    ///
    /// Each call that succeeds makes one more ClientID under the name; the platform allows 5.
    /// - Throws: ``RegistrationError``, `CancellationError`.
    public func overMQTTWithoutPreregistration(
        productKey: String, deviceName: String, productSecret: Secret
    ) async throws -> ClientCredential {
        try await overMQTT(
            .regnwl, productKey: productKey, deviceName: deviceName, productSecret: productSecret
        ).credential()
    }

    private func overMQTT(
        _ type: AuthType, productKey: String, deviceName: String, productSecret: Secret
    ) async throws -> RegistrationResult {
        let connect = connectPacket(
            productKey: productKey, deviceName: deviceName, productSecret: productSecret, type: type)
        do {
            return try await Connection.withConnection(
                to: cloud.mqttHost(for: productKey), port: cloud.mqttPort, tls: cloud.tls(), connect: connect,
                deadline: deadline
            ) { connection in
                try await waitForPush(connection.messages, productKey: productKey, deviceName: deviceName)
            }
        } catch let error as ConnectionError {
            throw RegistrationError(error)
        }
    }

    // MARK: - The two channels' forms

    /// `authType` on the wire, spelled so.
    enum AuthType: String { case register, regnwl }

    func connectPacket(
        productKey: String, deviceName: String, productSecret: Secret, type: AuthType = .register
    ) -> Packet.Connect {
        let random = Self.random()
        var pairs: [ClientIDParameters.Pair] = [
            .init("random", random), .init("authType", type.rawValue), .init("securemode", "\(cloud.secureMode)"),
            .init("signmethod", signMethod.rawValue),
        ]
        if let instanceID = cloud.instanceID { pairs.append(.init("instanceId", instanceID)) }
        let password = RegistrationSignature.sign(
            productKey: productKey, deviceName: deviceName, random: random, secret: productSecret, method: signMethod)
        return Packet.Connect(
            clientID: ClientIDParameters(id: "\(deviceName).\(productKey)", pairs: pairs).text, keepAlive: 60,
            username: "\(deviceName)&\(productKey)", password: ByteBuffer(string: password))
    }

    private func waitForPush(
        _ messages: AsyncStream<Packet.Publish>, productKey: String, deviceName: String
    ) async throws -> RegistrationResult {
        let payload: ByteBuffer?
        do {
            payload = try await withDeadline(pushDeadline) {
                // Prefixes, because look-alikes of the platform append product key and name; both for either
                // authType, because documentation and SDKs disagree.
                for await message in messages
                where message.topic.hasPrefix("/ext/register") || message.topic.hasPrefix("/ext/regnwl") {
                    return message.payload
                }
                try Task.checkCancellation()
                return nil
            }
        } catch is DeadlinePassed {
            throw RegistrationError(
                .timeout, "Registration was accepted, but its result did not come within \(pushDeadline).")
        }
        guard let payload else {
            throw RegistrationError(.timeout, "Registration was accepted, but the connection ended before its result.")
        }
        guard let result = try? JSONDecoder().decode(RegistrationResult.self, from: payload) else {
            throw RegistrationError(.unexpected, "The registration's result is not the documented JSON.")
        }
        try result.check(productKey: productKey, deviceName: deviceName)
        return result
    }

    private static func secret(in reply: HTTPReply, productKey: String, deviceName: String) throws -> Secret {
        guard let result = try? JSONDecoder().decode(Result.self, from: reply.body) else {
            // Judged by the body's code alone, since the documentation leaves the HTTP status open.
            let sentence = "The registration answered with HTTP status \(reply.status) and no documented JSON."
            let isTrouble = reply.status >= 500 || reply.status == 429
            throw isTrouble
                ? RegistrationError(.outage, sentence, remoteCode: reply.status)
                : RegistrationError(.unexpected, sentence)
        }
        guard result.code == 200 else { throw RegistrationError(https: result.code, message: result.message ?? "") }
        guard let data = result.data else {
            throw RegistrationError(.unexpected, "The registration reports success without a result.")
        }
        try data.check(productKey: productKey, deviceName: deviceName)
        return try data.secret()
    }

    /// Decimal of 32 bits, as the C SDK sends it; the platform keeps no record of it.
    private static func random() -> String { String(UInt32.random(in: 1 ... .max)) }

    private struct Result: Decodable {
        let code: Int
        let message: String?
        let data: RegistrationResult?

        private enum CodingKeys: String, CodingKey { case code, message, data }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            code = try fields.decode(Int.self, forKey: .code)
            message = fields.optional(.message)
            data = fields.optional(.data)
        }
    }
}
