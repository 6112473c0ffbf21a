import AliyunIoT
import Foundation
import MQTT
import NIOCore
import Provisioning
import Simulation
import Testing

@Suite("Cloud stand-in: device connections")
struct CloudDeviceTests {
    private let key = RunningCloud.productKey

    @Test("the first normal connection activates once; each connection has a later online time")
    func activation() async throws {
        try await RunningCloud.with { running async throws in
            try await running.create("unit-0001")
            let secret = try await running.secret(of: "unit-0001")
            let client = try OpenAPIClient(
                cloud: running.cloud(),
                accessKey: AccessKey(id: RunningCloud.accessKeyID, secret: RunningCloud.accessKeySecret),
                limiter: RateLimiter(perSecond: 100, burst: 100), deadline: .seconds(30))
            func read() async throws -> DeviceReading {
                try #require(try await client.queryDeviceDetail(productKey: key, deviceName: "unit-0001"))
            }
            do {
                let before = try await read()
                let device = try DeviceConnection(cloud: running.cloud(), productKey: key, deviceName: "unit-0001")
                let online = try await device.withSession(deviceSecret: secret, deadline: .seconds(30)) { session in
                    try await session.reportFirmware(version: "1.4.2")
                    try await session.postProperty(["temperature": 21], deadline: .seconds(30))
                    return try await read()
                }
                #expect(online.state == .online)
                #expect(online.firmwareVersion == "1.4.2")
                #expect(ActivationEvidence.prove(before: before, after: online) != nil)
                #expect(try await running.eventually { try await read().state == .offline })
                var last = try await read()
                for _ in 0..<5 {
                    try await device.withSession(deviceSecret: secret, deadline: .seconds(30)) { _ in }
                    let now = try await read()
                    #expect(now.activatedAt == online.activatedAt)
                    #expect((now.onlineAt ?? "") > (last.onlineAt ?? ""))
                    #expect(ActivationEvidence.prove(before: last, after: now) != nil)
                    last = now
                }
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
        }
    }

    @Test(
        "device signatures of every form are taken",
        arguments: SignMethod.allCases, [nil, "1700000000", "2524608000000"] as [String?])
    func signatures(method: SignMethod, timestamp: String?) async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            var connect = RawConnect.device(
                "unit-0001", secret: secret, id: "\(key)&unit-0001", method: method, timestamp: timestamp,
                extra: ",ext=1,_ss=1,lan=Python,_v=1.2.13")
            #expect(try await connect.code(cloud) == 0)
            connect.password = connect.password.lowercased()
            #expect(try await connect.code(cloud) == 0)
        }
    }

    @Test("a bad signature, a disabled and an unknown device are CONNACK 5")
    func refused() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            #expect(try await RawConnect.device("unit-0001", secret: Secret("wrong")).code(cloud) == 5)
            #expect(try await RawConnect.device("unit-0002", secret: secret).code(cloud) == 5)
            #expect(try await cloud.detail("unit-0001")["Status"] as? String == "UNACTIVE")
            _ = try await cloud.call("DisableThing", ["ProductKey": key, "DeviceName": "unit-0001"])
            #expect(try await cloud.detail("unit-0001")["Status"] as? String == "DISABLE")
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 5)
            _ = try await cloud.call("EnableThing", ["ProductKey": key, "DeviceName": "unit-0001"])
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 0)
        }
    }

    @Test("malformed device connections are CONNACK 2 or 4, and keep-alive is checked")
    func malformed() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            let good = RawConnect.device("unit-0001", secret: secret)
            var bad = good
            bad.parameters = "signmethod=hmacsha256"
            #expect(try await bad.code(cloud) == 2)
            bad = good
            bad.username = "unit-0001"
            #expect(try await bad.code(cloud) == 4)
            for seconds in [UInt16(0), 29, 1201] {
                bad = good
                bad.keepAlive = seconds
                #expect(try await bad.code(cloud) == 2, "keep-alive \(seconds)")
            }
            for seconds in [UInt16(30), 1200] {
                bad = good
                bad.keepAlive = seconds
                #expect(try await bad.code(cloud) == 0, "keep-alive \(seconds)")
            }
        }
    }

    @Test("plain TCP takes a device certificate with securemode 3, TLS does not")
    func plain() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            #expect(
                try await RawConnect.device("unit-0001", secret: secret, secureMode: 3).code(cloud, overTLS: false) == 0
            )
            #expect(try await RawConnect.device("unit-0001", secret: secret, secureMode: 3).code(cloud) == 2)
            #expect(
                try await RawConnect.device("unit-0001", secret: secret, secureMode: 2).code(cloud, overTLS: false) == 2
            )
        }
    }

    @Test("a second connection of one identity evicts the first")
    func eviction() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            try await RawConnect.device("unit-0001", secret: secret, id: "first").open(cloud) { first async throws in
                try await RawConnect.device("unit-0001", secret: secret, id: "second").open(cloud) { _ async throws in
                    for await _ in first.messages {}
                    #expect(try await cloud.detail("unit-0001")["Status"] as? String == "ONLINE")
                }
            }
            #expect(
                try await cloud.eventually { try await cloud.detail("unit-0001")["Status"] as? String == "OFFLINE" })
        }
    }

    @Test("DisableThing and DeleteDevice end the live connection", arguments: ["DisableThing", "DeleteDevice"])
    func ended(action: String) async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            try await RawConnect.device("unit-0001", secret: secret).open(cloud) { connection async throws in
                let answer = try await cloud.call(action, ["ProductKey": key, "DeviceName": "unit-0001"])
                #expect(answer.json["Success"] as? Bool == true)
                for await _ in connection.messages {}
            }
        }
    }

    @Test("clock and property topics are answered; replies need a subscription or _ss=1", arguments: [true, false])
    func topics(bySystem: Bool) async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            let own = "/sys/\(key)/unit-0001/thing/event/property"
            let clock = "/ext/ntp/\(key)/unit-0001"
            let connect = RawConnect.device("unit-0001", secret: secret, extra: bySystem ? ",_ss=1" : "")
            let messages = try await connect.open(cloud) { connection async throws in
                if !bySystem {
                    try await connection.publish(topic: "\(own)/post", payload: ByteBuffer(string: "{}"))
                    try await connection.subscribe(["\(own)/+", "\(clock)/response"])
                }
                try await connection.publish(
                    topic: "\(own)/post", payload: ByteBuffer(string: #"{"id":"7","version":"1.0","params":{"a":1}}"#))
                try await connection.publish(topic: "\(own)/post", payload: ByteBuffer(string: "no json"))
                try await connection.publish(
                    topic: "\(clock)/request", payload: ByteBuffer(string: #"{"deviceSendTime":"1571724098000"}"#),
                    qos: .atMostOnce)
                var messages: [Packet.Publish] = []
                for await message in connection.messages {
                    messages.append(message)
                    if messages.count == 3 { break }
                }
                return messages
            }
            #expect(messages.map(\.topic) == ["\(own)/post_reply", "\(own)/post_reply", "\(clock)/response"])
            #expect(messages[0].text.hasPrefix(#"{"code":200,"data":{},"id":"7","#))
            #expect(messages[1].text.hasPrefix(#"{"code":460,"data":{},"id":"","#))
            #expect(messages[2].text.hasPrefix(#"{"deviceSendTime":"1571724098000","serverRecvTime":""#))
        }
    }

    @Test("another device's topics are refused")
    func foreignTopics() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            try await RawConnect.device("unit-0001", secret: secret).open(cloud) { connection async throws in
                await #expect(throws: ConnectionError.self) {
                    try await connection.subscribe(["/sys/\(key)/unit-0002/thing/#"])
                }
                await #expect(throws: ConnectionError.self) { try await connection.subscribe(["#"]) }
            }
        }
    }

    @Test("with a limit, a device connects five times a minute and no more")
    func connects() async throws {
        try await RunningCloud.with(RunningCloud.configuration { $0.connectsPerMinute = 5 }) { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            var codes: [Int] = []
            for _ in 0..<6 { codes.append(try await RawConnect.device("unit-0001", secret: secret).code(cloud)) }
            #expect(codes == [0, 0, 0, 0, 0, 3])
        }
    }
}
