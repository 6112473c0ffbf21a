import Foundation
import MQTT
import NIOCore
import NIOFoundationCompat
public import Provisioning

/// 一型一密 dynamic registration, pre-registered: the product credential goes in, the DeviceSecret comes out.
///
/// Each registration before the first normal connection may make the earlier DeviceSecret void, so nothing here repeats
/// by itself and no connection is made twice. Used by the station's probe and relay, and by the simulated firmware.
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
        let connect = connectPacket(productKey: productKey, deviceName: deviceName, productSecret: productSecret)
        do {
            return try await Connection.withConnection(
                to: cloud.mqttHost, port: cloud.mqttPort, tls: cloud.tls(), connect: connect, deadline: deadline
            ) { connection in
                try await waitForPush(connection.messages, productKey: productKey, deviceName: deviceName)
            }
        } catch let error as ConnectionError {
            throw RegistrationError(error)
        }
    }

    // MARK: - The two channels' forms

    func connectPacket(productKey: String, deviceName: String, productSecret: Secret) -> Packet.Connect {
        let random = Self.random()
        var pairs: [ClientIDParameters.Pair] = [
            .init("random", random), .init("authType", "register"), .init("securemode", "\(cloud.secureMode)"),
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
    ) async throws -> Secret {
        let payload: ByteBuffer?
        do {
            payload = try await withDeadline(pushDeadline) {
                // A prefix, because look-alikes of the platform append product key and name.
                for await message in messages where message.topic.hasPrefix("/ext/register") { return message.payload }
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
        guard let credential = try? JSONDecoder().decode(Credential.self, from: payload) else {
            throw RegistrationError(.unexpected, "The registration's result is not the documented JSON.")
        }
        return try Self.check(credential, productKey: productKey, deviceName: deviceName)
    }

    private static func secret(in reply: HTTPReply, productKey: String, deviceName: String) throws -> Secret {
        guard let result = try? JSONDecoder().decode(Result.self, from: reply.body) else {
            // Judged by the body's code alone, since the documentation leaves the HTTP status open.
            let sentence = "The registration answered with HTTP status \(reply.status) and no documented JSON."
            let isTrouble = reply.status >= 500 || reply.status == 429
            throw RegistrationError(isTrouble ? .outage : .unexpected, sentence, remoteCode: reply.status)
        }
        guard result.code == 200 else { throw RegistrationError(https: result.code, message: result.message ?? "") }
        guard let credential = result.data else {
            throw RegistrationError(.unexpected, "The registration reports success without a result.", remoteCode: 200)
        }
        return try check(credential, productKey: productKey, deviceName: deviceName)
    }

    private static func check(_ credential: Credential, productKey: String, deviceName: String) throws -> Secret {
        guard credential.productKey == productKey, credential.deviceName == deviceName else {
            throw RegistrationError(
                .otherDevice,
                "The result is for another device than \(deviceName) of \(productKey); it was thrown away.")
        }
        guard !credential.deviceSecret.isEmpty else {
            throw RegistrationError(.unexpected, "The registration's result has an empty DeviceSecret.")
        }
        return Secret(credential.deviceSecret)
    }

    /// Decimal of 32 bits, as the C SDK sends it; the platform keeps no record of it.
    private static func random() -> String { String(UInt32.random(in: 1 ... .max)) }

    private struct Credential: Decodable {
        let productKey, deviceName, deviceSecret: String
    }

    private struct Result: Decodable {
        let code: Int
        let message: String?
        let data: Credential?

        private enum CodingKeys: String, CodingKey { case code, message, data }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            code = try fields.decode(Int.self, forKey: .code)
            message = fields.optional(.message)
            data = fields.optional(.data)
        }
    }
}
