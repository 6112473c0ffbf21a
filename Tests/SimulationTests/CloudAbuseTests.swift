import AliyunIoT
import AsyncHTTPClient
import Foundation
import MQTT
import NIOCore
import NIOHTTP1
import NIOPosix
import Provisioning
import Testing

@testable import Simulation

@Suite("Cloud stand-in: abuse", .timeLimit(.minutes(5)))
struct CloudAbuseTests {
    private let key = RunningCloud.productKey

    private func open(_ address: String?, _ bytes: [UInt8]) async throws -> any Channel {
        let port = Int(address?.split(separator: ":").last ?? "") ?? 0
        let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port).get()
        try? await client.writeAndFlush(ByteBuffer(bytes: bytes))
        return client
    }

    /// Whether a device can still register and connect.
    private func works(_ cloud: RunningCloud, _ name: String) async throws -> Bool {
        try await cloud.create(name)
        let secret = try await cloud.secret(of: name)
        return try await RawConnect.device(name, secret: secret).code(cloud) == 0
    }

    @Test("malformed and oversize MQTT packets close their own connection alone")
    func malformed() async throws {
        // Some of it is the beginning of something: those wait for the deadline.
        let configuration = RunningCloud.configuration { $0.handshakeDeadlineSeconds = 5 }
        try await RunningCloud.with(configuration) { cloud async throws in
            let hello: [UInt8] = [0x10, 0x0F, 0, 4] + Array("MQTT".utf8) + [4, 2, 0, 60, 0, 3] + Array("abc".utf8)
            let rubbish: [[UInt8]] = [
                [0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x00, 0x00], [0xF0, 0x02, 0, 0], [0x30, 0x02, 0, 0],
                [0x10, 0xFF, 0xFF, 0xFF, 0x7F], [0x10, 0x04, 0, 9, 1, 1], hello, hello + hello,
                Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
            ]
            var channels: [any Channel] = []
            for bytes in rubbish {
                channels.append(try await open(cloud.ready.mqttTCP, bytes))
                channels.append(try await open(cloud.ready.mqttTLS, bytes))
            }
            for channel in channels { try await channel.closeFuture.get() }
            #expect(try await works(cloud, "unit-0001"))
        }
    }

    @Test("a message over the platform's size ends its session; the device is offline, not lost")
    func oversize() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            try await RawConnect.device("unit-0001", secret: secret).open(cloud) { connection async throws in
                let payload = ByteBuffer(repeating: 0x20, count: 300_000)
                let topic = "/sys/\(key)/unit-0001/thing/event/property/post"
                _ = try? await connection.publish(topic: topic, payload: payload, qos: .atMostOnce)
                for await _ in connection.messages {}
            }
            #expect(
                try await cloud.eventually { try await cloud.detail("unit-0001")["Status"] as? String == "OFFLINE" })
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 0)
        }
    }

    @Test("a body or a head that is too large is refused, and the next request is served")
    func largeRequests() async throws {
        try await RunningCloud.with { cloud async throws in
            var request = HTTPClientRequest(url: "\(cloud.ready.openapi ?? "")/")
            request.method = .POST
            request.body = .bytes(ByteBuffer(repeating: UInt8(ascii: "x"), count: 9 << 20))
            // The server may close while the body is still being sent.
            let status = try? await cloud.http.execute(request, timeout: .seconds(60)).status.code
            #expect(status == nil || status == 413)
            // A registration is small, and whoever sends it has not shown who it is.
            let url = "\(cloud.ready.registration ?? "")/auth/register/device"
            let large = String(repeating: "x", count: 100_000)
            let registration = try? await cloud.send(.POST, url, form: "productKey=\(large)").status
            #expect(registration == nil || registration == 413)
            let long = String(repeating: "x", count: 200_000)
            let head = try? await cloud.send(.GET, "\(cloud.ready.openapi ?? "")/?a=\(long)").status
            #expect(head == nil || head != 200)
            #expect(try await works(cloud, "unit-0001"))
        }
    }

    @Test("large bodies share a bounded memory; small ones find room though it is used up")
    func budget() async throws {
        func parts(_ sizes: Int...) -> AsyncStream<ByteBuffer> {
            AsyncStream { stream in
                for size in sizes { stream.yield(ByteBuffer(repeating: 0x20, count: size)) }
                stream.finish()
            }
        }
        let (free, budget) = (BodyBudget.free, BodyBudget(bytes: 1000))
        try await budget.withBody(of: parts(free - 1, 501), maximum: 1 << 20) { first async throws in
            #expect(first.readableBytes == free + 500)
            let second = await #expect(throws: BodyBudget.Refusal.self) {
                try await budget.withBody(of: parts(free, 300, 201), maximum: 1 << 20) { _ in }
            }
            #expect(second == .noRoom)
            // What the refused one had taken is there again.
            let third = try await budget.withBody(of: parts(free, 500), maximum: 1 << 20) { _ in
                try await budget.withBody(of: parts(free), maximum: 1 << 20) { $0.readableBytes }
            }
            #expect(third == free)
        }
        let long = await #expect(throws: BodyBudget.Refusal.self) {
            try await budget.withBody(of: parts(60, 41), maximum: 100) { _ in }
        }
        #expect(long == .tooLarge)
        #expect(try await budget.withBody(of: parts(free, 1000), maximum: 1 << 20) { $0.readableBytes } == free + 1000)
    }

    @Test("hundreds of devices are online at once and all go offline")
    func crowd() async throws {
        try await RunningCloud.with {
            cloud async throws in
            let count = 300
            for index in 0..<count { try await cloud.create("unit-\(1000 + index)") }
            let (arrived, arrive) = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<count {
                    let name = "unit-\(1000 + index)"
                    let secret = try await cloud.detail(name)["DeviceSecret"] as? String ?? ""
                    group.addTask {
                        try await RawConnect.device(name, secret: Secret(secret)).open(cloud, overTLS: true) {
                            connection in
                            arrive.yield()
                            // Stays until the cloud closes it.
                            for await _ in connection.messages {}
                        }
                    }
                }
                var online = 0
                for await _ in arrived {
                    online += 1
                    if online == count { break }
                }
                let counted = try await cloud.call("QueryDeviceStatistics", ["ProductKey": key])
                #expect(counted.data["onlineCount"] as? Int == count)
                try await cloud.admin.set(FaultSettings(outageSeconds: 3600))
                try await group.waitForAll()
                try await cloud.admin.set(FaultSettings(outageSeconds: 0))
                let after = try await cloud.call("QueryDeviceStatistics", ["ProductKey": key])
                #expect(after.data["onlineCount"] as? Int == 0 && after.data["activeCount"] as? Int == count)
            }
        }
    }

    @Test("a client that dribbles its CONNECT a byte at a time is dropped at the deadline")
    func dribble() async throws {
        let configuration = RunningCloud.configuration { $0.handshakeDeadlineSeconds = 0.5 }
        try await RunningCloud.with(configuration) { cloud async throws in
            for address in [cloud.ready.mqttTCP, cloud.ready.openapi] {
                let client = try await open(address, [])
                let bytes = Array("\u{10}GET / HTTP/1.1".utf8)
                async let dribbling: Void = {
                    for byte in bytes + bytes + bytes {
                        try? await client.writeAndFlush(ByteBuffer(bytes: [byte]))
                        try? await Task.sleep(for: .milliseconds(50))
                    }
                }()
                try await client.closeFuture.get()
                await dribbling
            }
        }
    }
}
