import AliyunIoT
import Foundation
import MQTT
import NIOCore
import NIOPosix
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

    @Test("tags that a device reports are stored beside those of the OpenAPI, at most a hundred")
    func tags() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            let device = ["ProductKey": key, "DeviceName": "unit-0001"]
            _ = try await cloud.call("SaveDeviceProp", device.merging(["Props": #"{"lot":"A1","line":"1"}"#]) { $1 })
            let topic = "/sys/\(key)/unit-0001/thing/deviceinfo/update"
            let many = (0..<100).map { #"{"attrKey":"tag\#($0)","attrValue":"x"}"# }.joined(separator: ",")
            let bodies = [
                #"{"id":"1","version":"1.0","params":[{"attrKey":"lot","attrValue":"B2"}]}"#,
                #"{"id":"2","version":"1.0","params":{"lot":"B3"}}"#, #"{"id":"3","params":[\#(many)]}"#,
            ]
            let connect = RawConnect.device("unit-0001", secret: secret, extra: ",_ss=1")
            let replies = try await connect.open(cloud) { connection async throws in
                for body in bodies { try await connection.publish(topic: topic, payload: ByteBuffer(string: body)) }
                var replies: [String] = []
                for await message in connection.messages {
                    replies.append(String(message.text.prefix(11)))
                    if replies.count == bodies.count { break }
                }
                return replies
            }
            #expect(replies == [#"{"code":200"#, #"{"code":460"#, #"{"code":460"#])
            let read = try await cloud.call("QueryDeviceProp", device)
            #expect(read.json["Props"] as? String == #"{"line":"1","lot":"B2"}"#)
        }
    }

    @Test("the last connection's time and address are shown as the platform prints them")
    func lastOnline() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 0)
            let detail = try await cloud.detail("unit-0001")
            #expect(detail["IpAddress"] as? String == "127.0.0.1")
            let listed = try await cloud.call("BatchGetDeviceState", ["ProductKey": key, "DeviceName.1": "unit-0001"])
            let rows = (listed.json["DeviceStatusList"] as? [String: Any])?["DeviceStatus"] as? [[String: Any]]
            #expect(rows?.first?["AsAddress"] as? String == "127.0.0.1")
            let time = rows?.first?["LastOnlineTime"] as? String
            #expect(time?.wholeMatch(of: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/) != nil)
            #expect(time == detail["GmtOnline"] as? String)
        }
    }

    @Test("a device that is silent for one and a half times its keep-alive is closed, and so offline")
    func silence() async throws {
        try await RunningCloud.with(RunningCloud.configuration { $0.checkKeepAlive = false }) { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            var connect = RawConnect.device("unit-0001", secret: secret, secureMode: 3)
            connect.keepAlive = 1
            // No client of the station's: that one would ping.
            var hello = ByteBuffer()
            try Packet.connect(
                .init(
                    clientID: "\(connect.id)|\(connect.parameters)|", keepAlive: connect.keepAlive,
                    username: connect.username, password: ByteBuffer(string: connect.password))
            ).encode(into: &hello)
            let port = Int(cloud.ready.mqttTCP?.split(separator: ":").last ?? "") ?? 0
            let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: "127.0.0.1", port: port).get()
            let started = ContinuousClock.now
            try await client.writeAndFlush(hello)
            try await client.closeFuture.get()
            #expect(started.duration(to: .now) >= .milliseconds(1500))
            #expect(
                try await cloud.eventually { try await cloud.detail("unit-0001")["Status"] as? String == "OFFLINE" })
        }
    }

    @Test("another device's topics are refused, and topics over the platform's limits")
    func foreignTopics() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            try await RawConnect.device("unit-0001", secret: secret).open(cloud) { connection async throws in
                await #expect(throws: ConnectionError.self) {
                    try await connection.subscribe(["/sys/\(key)/unit-0002/thing/#"])
                }
                await #expect(throws: ConnectionError.self) { try await connection.subscribe(["#"]) }
                let own = "/sys/\(key)/unit-0001/thing"
                for filter in [own + "/a/b/c/d", own + "/" + String(repeating: "x", count: 128)] {
                    await #expect(throws: ConnectionError.self) { try await connection.subscribe([filter]) }
                }
                try await connection.subscribe([own + "/a/b/c"])
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
