import Locking
import AliyunIoT
import MQTT
import NIOCore
import Provisioning
import Testing

@Suite("Dynamic registration", .timeLimit(.minutes(2)))
struct DynamicRegistrationTests {
    static let productSecret = Secret("h1nQFYPZS0mW2352")
    static let deviceSecret = "0123456789abcdef0123456789abcdef"

    static func result(_ name: String = "D1", productKey: String = "a1") -> String {
        #"{"deviceName":"\#(name)","deviceSecret":"\#(deviceSecret)","productKey":"\#(productKey)"}"#
    }

    private func overHTTPS(_ server: StubServer) async throws -> Secret {
        try await server.run { port in
            let cloud = try Cloud(
                openAPI: "https://localhost", registration: "http://127.0.0.1:\(port)", mqttHost: "h", mqttPort: 1)
            return try await DynamicRegistration(cloud: cloud, deadline: .seconds(30)).overHTTPS(
                productKey: "a1", deviceName: "AA:BB", productSecret: Self.productSecret)
        }
    }

    private func overMQTT(
        instanceID: String? = nil, secureMode: Int = 2, _ handler: @escaping @Sendable (Peer) async -> Void
    ) async throws -> Secret {
        try await TestPKI.withCAFile { caFile in
            try await withMQTT(handler) { port in
                let cloud = try Cloud(
                    openAPI: "https://localhost", registration: nil, mqttHost: "localhost", mqttPort: port,
                    caFile: caFile, instanceID: instanceID, secureMode: secureMode)
                return try await DynamicRegistration(
                    cloud: cloud, deadline: .seconds(30), pushDeadline: .seconds(15)
                ).overMQTT(productKey: "a1", deviceName: "D1", productSecret: Self.productSecret)
            }
        }
    }

    // MARK: - HTTPS

    @Test("over HTTPS the form is signed, and the DeviceSecret comes back wrapped")
    func https() async throws {
        let server = StubServer { _, _ in
            .reply(200, #"{"code":200,"data":\#(Self.result("AA:BB")),"message":"success"}"#)
        }
        let secret = try await overHTTPS(server)
        #expect(secret == Secret(Self.deviceSecret))
        #expect("\(secret)" == "<secret>")
        let request = try #require(server.requests.now.first)
        #expect(request.method == "POST" && request.path == "/auth/register/device")
        #expect(request.body.contains("deviceName=AA%3ABB"))
        #expect(!request.body.contains(Self.productSecret.revealed))
        let isSigned = RegistrationSignature.verify(
            request["sign"] ?? "", productKey: "a1", deviceName: "AA:BB", random: request["random"] ?? "",
            secret: Self.productSecret, method: try #require(SignMethod(name: request["signMethod"] ?? "")))
        #expect(isSigned)
    }

    @Test(
        "over HTTPS each refusal has its meaning",
        arguments: [
            (6288, RegistrationError.Code.switchOff), (6289, .alreadyActive), (6600, .wrongSecret), (460, .badRequest),
            (500, .outage), (6250, .noProduct), (6292, .signMethod), (6100, .noDevice), (9999, .unexpected),
        ])
    func httpsRefused(_ number: Int, _ code: RegistrationError.Code) async throws {
        for status in [200, 400] {
            let server = StubServer { _, _ in .reply(status, #"{"code":\#(number),"message":"because\n"}"#) }
            let error = await #expect(throws: RegistrationError.self) { try await overHTTPS(server) }
            #expect(error?.code == code && error?.remoteCode == number)
            #expect(error?.isCloudTrouble == (code == .outage))
            #expect(server.requests.now.count == 1, "a registration is never repeated by itself")
        }
    }

    @Test("over HTTPS a result for another device, without data or without JSON is thrown away")
    func httpsOdd() async throws {
        let answers: [(StubAnswer, RegistrationError.Code)] = [
            (.reply(200, #"{"code":200,"data":\#(Self.result("OTHER"))}"#), .otherDevice),
            (.reply(200, #"{"code":200,"data":\#(Self.result("AA:BB", productKey: "b"))}"#), .otherDevice),
            (.reply(200, #"{"code":200}"#), .unexpected), (.reply(200, "<html>"), .unexpected),
            (.reply(502, "<html>"), .outage), (.hangUp, .timeout),
        ]
        for (answer, code) in answers {
            let server = StubServer { _, _ in answer }
            let error = await #expect(throws: RegistrationError.self) { try await overHTTPS(server) }
            #expect(error?.code == code)
            #expect(error.map { "\($0)".contains(Self.deviceSecret) } == false)
        }
    }

    // MARK: - MQTT

    @Test("over MQTT the CONNECT is signed, the pushed secret is acknowledged, and DISCONNECT follows")
    func mqtt() async throws {
        let connects = Locked<[Packet.Connect]>([])
        let rest = Locked<[Packet]>([])
        let (ended, feed) = AsyncStream.makeStream(of: Void.self)
        let secret = try await overMQTT(instanceID: "iot-060a", secureMode: -2) { peer in
            connects.withLock { $0.append(peer.connect) }
            let push = Packet.Publish(
                topic: "/ext/register", payload: ByteBuffer(string: Self.result()), qos: .atLeastOnce, id: 1)
            try? await peer.send(.connack(sessionPresent: false, code: 0))
            try? await peer.send(.publish(push))
            for await packet in peer.inbound { rest.withLock { $0.append(packet) } }
            feed.finish()
        }
        for await _ in ended {}
        #expect(secret == Secret(Self.deviceSecret))
        #expect(connects.now.count == 1)
        #expect(rest.now == [.puback(id: 1), .disconnect])
        let connect = try #require(connects.now.first)
        #expect(connect.username == "D1&a1" && connect.cleanSession)
        let parameters = try #require(ClientIDParameters.parse(connect.clientID))
        #expect(parameters["authType"] == "register" && parameters["securemode"] == "-2")
        #expect(parameters["instanceId"] == "iot-060a")
        let isSigned = RegistrationSignature.verify(
            connect.password.map { String(buffer: $0) } ?? "", productKey: "a1", deviceName: "D1",
            random: parameters["random"] ?? "", secret: Self.productSecret,
            method: try #require(SignMethod(name: parameters["signmethod"] ?? "")))
        #expect(isSigned)
    }

    @Test("over MQTT a look-alike's longer topic is taken too, and other topics are passed over")
    func prefix() async throws {
        let secret = try await overMQTT { peer in
            try? await peer.send(.connack(sessionPresent: false, code: 0))
            for topic in ["/sys/a1/D1/thing", "/ext/register/a1/D1"] {
                try? await peer.send(
                    .publish(.init(topic: topic, payload: ByteBuffer(string: Self.result()))))
            }
            for await _ in peer.inbound {}
        }
        #expect(secret == Secret(Self.deviceSecret))
    }

    @Test(
        "over MQTT the CONNACK code is all there is",
        arguments: [(UInt8(2), RegistrationError.Code.badRequest), (3, .outage), (4, .refused), (5, .refused)])
    func mqttRefused(_ connack: UInt8, _ code: RegistrationError.Code) async throws {
        let error = await #expect(throws: RegistrationError.self) {
            try await overMQTT { try? await $0.send(.connack(sessionPresent: false, code: connack)) }
        }
        #expect(error?.code == code && error?.remoteCode == Int(connack))
    }

    @Test("over MQTT a result for another device, odd JSON, or an end without a result is told")
    func mqttOdd() async throws {
        let payloads: [(String?, RegistrationError.Code)] = [
            (Self.result("OTHER"), .otherDevice), ("{}", .unexpected), ("", .unexpected), (nil, .timeout),
        ]
        for (payload, code) in payloads {
            let connections = Locked(0)
            let error = await #expect(throws: RegistrationError.self) {
                try await overMQTT { peer in
                    connections.withLock { $0 += 1 }
                    try? await peer.send(.connack(sessionPresent: false, code: 0))
                    guard let payload else { return }
                    try? await peer.send(
                        .publish(.init(topic: "/ext/register", payload: ByteBuffer(string: payload))))
                    for await _ in peer.inbound {}
                }
            }
            #expect(error?.code == code)
            #expect(error.map { "\($0)".contains(Self.deviceSecret) } == false)
            #expect(connections.now == 1, "no reconnect: it could rotate the secret")
        }
    }

    @Test("over MQTT an authority that is not trusted is a TLS error")
    func mqttTLS() async throws {
        let error = await #expect(throws: RegistrationError.self) {
            try await withMQTT({ _ in }) { port in
                let cloud = try Cloud(
                    openAPI: "https://localhost", registration: nil, mqttHost: "localhost", mqttPort: port)
                _ = try await DynamicRegistration(cloud: cloud, deadline: .seconds(30)).overMQTT(
                    productKey: "a1", deviceName: "D1", productSecret: Self.productSecret)
            }
        }
        #expect(error?.code == .tls)
    }

    // MARK: - The probe

    @Test("the probe tells switch, secret and trouble apart")
    func probe() async throws {
        let answers: [(StubAnswer, CredentialProbe.Answer?)] = [
            (.reply(200, #"{"code":200,"data":\#(Self.result("PROBE"))}"#), .ready),
            (.reply(200, #"{"code":6288,"message":"off"}"#), .switchOff),
            (.reply(200, #"{"code":6600,"message":"no"}"#), .wrongSecret),
            (.reply(200, #"{"code":6289,"message":"active"}"#), .alreadyActive),
            (.reply(200, #"{"code":6100,"message":"none"}"#), .noProbe),
            (.reply(200, #"{"code":6250,"message":"none"}"#), .noProduct),
            (.reply(500, ""), nil), (.reply(200, #"{"code":500,"message":"x"}"#), nil), (.hangUp, nil),
        ]
        for (answer, expected) in answers {
            let got = try await StubServer { _, _ in answer }.run { port in
                let cloud = try Cloud(
                    openAPI: "https://localhost", registration: "http://127.0.0.1:\(port)", mqttHost: "h", mqttPort: 1)
                return await CredentialProbe(cloud: cloud, deadline: .seconds(30)).check(
                    productKey: "a1", probeName: "PROBE", productSecret: Self.productSecret)
            }
            if let expected {
                #expect(got == expected)
            } else if case .cloudTrouble = got {
            } else {
                Issue.record("expected trouble of the cloud's, got \(got)")
            }
        }
        let none = try Cloud(openAPI: "https://localhost", registration: nil, mqttHost: "h", mqttPort: 1)
        let got = await CredentialProbe(cloud: none).check(
            productKey: "a1", probeName: "PROBE", productSecret: Self.productSecret)
        guard case .cannotTell = got else {
            Issue.record("expected cannot tell, got \(got)")
            return
        }
    }
}
