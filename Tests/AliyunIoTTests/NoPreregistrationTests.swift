import Locking
import AliyunIoT
import MQTT
import NIOCore
import Provisioning
import Testing

@Suite("Without pre-registration", .timeLimit(.minutes(2)))
struct NoPreregistrationTests {
    static let productSecret = Secret("h1nQFYPZS0mW2352")
    static let clientID = "Rp9lBZTqMUZ*~x 7/+é"
    static let token = "^tOk3n-\u{7e}_=&,|é"

    static func push(_ fields: String) -> String { #"{\#(fields),"productKey":"a1","deviceName":"D1"}"# }
    static let pair = push(#""clientId":"\#(clientID)","deviceToken":"\#(token)""#)

    private func with<R: Sendable>(
        _ handler: @escaping @Sendable (Peer) async -> Void, instanceID: String? = nil, secureMode: Int = 2,
        _ body: @escaping @Sendable (Cloud) async throws -> R
    ) async throws -> R {
        try await TestPKI.withCAFile { caFile in
            try await withMQTT(handler) { port in
                // The file for HTTPS would not be found: MQTT has its own.
                try await body(
                    Cloud(
                        openAPI: "https://localhost", registration: nil, mqttHost: "localhost", mqttPort: port,
                        caFile: "/nonexistent/ca.pem", instanceID: instanceID, secureMode: secureMode,
                        mqttCAFile: caFile))
            }
        }
    }

    /// A cloud that pushes `payload` on `topic` to whoever registers, and keeps the CONNECT.
    private func pushing(
        _ topic: String, _ payload: String, seen: Locked<Packet.Connect?> = Locked(nil)
    ) -> @Sendable (Peer) async -> Void {
        { peer in
            seen.withLock { $0 = peer.connect }
            try? await peer.send(.connack(sessionPresent: false, code: 0))
            try? await peer.send(
                .publish(.init(topic: topic, payload: ByteBuffer(string: payload), qos: .atMostOnce)))
            for await _ in peer.inbound {}
        }
    }

    private func register(_ cloud: Cloud) async throws -> ClientCredential {
        try await DynamicRegistration(cloud: cloud, deadline: .seconds(30), pushDeadline: .seconds(15))
            .overMQTTWithoutPreregistration(productKey: "a1", deviceName: "D1", productSecret: Self.productSecret)
    }

    @Test(
        "the pushed pair is taken from either topic, byte for byte",
        arguments: ["/ext/regnwl", "/ext/register", "/ext/regnwl/a1/D1"])
    func registered(_ topic: String) async throws {
        let seen = Locked<Packet.Connect?>(nil)
        let credential = try await with(
            pushing(topic, Self.pair, seen: seen), instanceID: "iot-1", secureMode: -2, register)
        #expect(Array(credential.clientID.utf8) == Array(Self.clientID.utf8))
        #expect(credential.deviceToken == Secret(Self.token))
        #expect(!"\(credential)".contains(Self.token))
        let connect = try #require(seen.now)
        let parameters = try #require(ClientIDParameters.parse(connect.clientID))
        #expect(parameters["authType"] == "regnwl" && parameters["securemode"] == "-2")
        #expect(parameters["instanceId"] == "iot-1" && connect.username == "D1&a1")
        let isSigned = RegistrationSignature.verify(
            connect.password.map { String(buffer: $0) } ?? "", productKey: "a1", deviceName: "D1",
            random: parameters["random"] ?? "", secret: Self.productSecret, method: .hmacsha256)
        #expect(isSigned)
    }

    @Test("a result for another device, of the other mode, or past the limits is thrown away")
    func odd() async throws {
        let long = String(repeating: "x", count: 129)
        let payloads: [(String, RegistrationError.Code)] = [
            (#"{"clientId":"c","deviceToken":"t","productKey":"a1","deviceName":"D2"}"#, .otherDevice),
            (Self.push(#""deviceSecret":"0123456789abcdef0123456789abcdef""#), .unexpected),
            (Self.push(#""clientId":"c""#), .unexpected),
            (Self.push(#""clientId":"","deviceToken":"t""#), .unexpected),
            (Self.push(#""clientId":"c","deviceToken":"""#), .unexpected),
            (Self.push(#""clientId":"c|d","deviceToken":"t""#), .unexpected),
            (Self.push(#""clientId":"\#(long)","deviceToken":"t""#), .unexpected),
            (Self.push(#""clientId":"c","deviceToken":"\#(long)""#), .unexpected),
        ]
        for (payload, code) in payloads {
            let error = await #expect(throws: RegistrationError.self) {
                try await with(pushing("/ext/regnwl", payload), register)
            }
            #expect(error?.code == code)
            #expect(error?.sentence.contains(long) == false)
        }
    }

    @Test("a pre-registered registration does not take a ClientID for a DeviceSecret")
    func otherMode() async throws {
        let error = await #expect(throws: RegistrationError.self) {
            try await with(pushing("/ext/regnwl", Self.pair)) { cloud in
                try await DynamicRegistration(cloud: cloud, deadline: .seconds(30)).overMQTT(
                    productKey: "a1", deviceName: "D1", productSecret: Self.productSecret)
            }
        }
        #expect(error?.code == .unexpected)
    }

    @Test("the device connects with the pair: connwl, and the token itself as the password")
    func connected() async throws {
        let seen = Locked<Packet.Connect?>(nil)
        let credential = try ClientCredential(clientID: Self.clientID, deviceToken: Secret(Self.token))
        try await with { peer in
            seen.withLock { $0 = peer.connect }
            try? await peer.send(.connack(sessionPresent: false, code: 0))
            for await _ in peer.inbound {}
        } _: { cloud in
            try await DeviceConnection(cloud: cloud, productKey: "a1", deviceName: "D1").withSession(
                credential: credential, deadline: .seconds(30)
            ) { _ in }
        }
        let connect = try #require(seen.now)
        #expect(connect.clientID == "\(Self.clientID)|securemode=-2,authType=connwl|")
        #expect(connect.username == "D1&a1")
        #expect(connect.password.map { Array($0.readableBytesView) } == Array(Self.token.utf8))
    }

    @Test("a refused pair is told as a refused connection")
    func refused() async throws {
        let credential = try ClientCredential(clientID: "c", deviceToken: Secret("t"))
        let error = await #expect(throws: ConnectionError.self) {
            try await with { peer in
                try? await peer.send(.connack(sessionPresent: false, code: 5))
            } _: { cloud in
                try await DeviceConnection(cloud: cloud, productKey: "a1", deviceName: "D1").withSession(
                    credential: credential, deadline: .seconds(30)
                ) { _ in }
            }
        }
        #expect(error?.code == .refused(5))
    }

    @Test(
        "whether the vendor's C SDK can keep the pair",
        arguments: [(64, 63, true), (64, 64, false), (69, 63, true), (70, 63, false)])
    func fits(_ clientID: Int, _ token: Int, _ expected: Bool) throws {
        let credential = try ClientCredential(
            clientID: String(repeating: "c", count: clientID), deviceToken: Secret(String(repeating: "t", count: token))
        )
        #expect(credential.fitsDeviceSDK == expected)
    }
}
