import Locking
import AliyunIoT
import Foundation
import MQTT
import NIOCore
import Provisioning
import Testing

@Suite("A device's normal connection", .timeLimit(.minutes(2)))
struct DeviceConnectionTests {
    static let secret = Secret("0123456789abcdef0123456789abcdef")
    static let post = "/sys/a1/D1/thing/event/property/post"

    /// A cloud that checks the signature and answers a property post with `reply`; tells what was published.
    private func cloud(
        reply: @escaping @Sendable (_ id: String) -> [String], seen: Locked<[Packet.Publish]> = Locked([])
    ) -> @Sendable (Peer) async -> Void {
        { peer in
            guard let parameters = ClientIDParameters.parse(peer.connect.clientID),
                peer.connect.username == "D1&a1", parameters["securemode"] == "2",
                let method = SignMethod(name: parameters["signmethod"] ?? ""),
                DeviceSignature(
                    clientID: parameters.id, deviceName: "D1", productKey: "a1", timestamp: parameters["timestamp"]
                ).verify(peer.connect.password.map { String(buffer: $0) } ?? "", secret: Self.secret, method: method)
            else {
                try? await peer.send(.connack(sessionPresent: false, code: 4))
                return
            }
            do {
                try await peer.send(.connack(sessionPresent: false, code: 0))
                for await packet in peer.inbound {
                    switch packet {
                    case .subscribe(let id, let lines):
                        try await peer.send(.suback(id: id, codes: lines.map { _ in 1 }))
                    case .publish(let message):
                        seen.withLock { $0.append(message) }
                        if message.topic == Self.post {
                            let body = try JSONSerialization.jsonObject(with: Data(message.text.utf8)) as? [String: Any]
                            for text in reply(body?["id"] as? String ?? "") {
                                try await peer.send(
                                    .publish(.init(topic: Self.post + "_reply", payload: ByteBuffer(string: text))))
                            }
                        }
                        // After the reply, so that a reply before the acknowledgement is tried as well.
                        if let id = message.id { try await peer.send(.puback(id: id)) }
                    default: break
                    }
                }
            } catch {}
        }
    }

    private func with<R: Sendable>(
        _ handler: @escaping @Sendable (Peer) async -> Void, secret: Secret = secret, timestamp: String? = nil,
        method: SignMethod = .hmacsha256, _ body: @escaping @Sendable (DeviceSession) async throws -> R
    ) async throws -> R {
        try await TestPKI.withCAFile { caFile in
            try await withMQTT(handler) { port in
                let cloud = try Cloud(
                    openAPI: "https://localhost", registration: nil, mqttHost: "localhost", mqttPort: port,
                    caFile: caFile)
                let device = DeviceConnection(
                    cloud: cloud, productKey: "a1", deviceName: "D1", signMethod: method, timestamp: timestamp)
                return try await device.withSession(deviceSecret: secret, deadline: .seconds(30), body)
            }
        }
    }

    @Test("a device connects, reports its firmware and posts a property")
    func session() async throws {
        let seen = Locked<[Packet.Publish]>([])
        let handler = cloud(
            reply: { [#"{"id":"99","code":1}"#, "odd", #"{"id":"\#($0)","code":200,"data":{}}"#] }, seen: seen)
        try await with(handler, timestamp: "2524608000000") { session in
            try await session.reportFirmware(version: "1.2.3")
            try await session.postProperty(["voltage": 3])
            try await session.postProperty(["voltage": 4])
        }
        let messages = seen.now
        #expect(messages.map(\.topic) == ["/ota/device/inform/a1/D1", Self.post, Self.post])
        #expect(messages[0].text.contains(#""version":"1.2.3""#))
        #expect(messages[1].text.contains(#""params":{"voltage":3}"#))
        #expect(messages[1].text.contains(#""method":"thing.event.property.post""#))
    }

    @Test("every sign method is accepted", arguments: SignMethod.allCases)
    func methods(_ method: SignMethod) async throws {
        try await with(cloud(reply: { _ in [] }), method: method) { _ in }
    }

    @Test("a wrong DeviceSecret is refused, and shown nowhere")
    func wrongSecret() async throws {
        let error = await #expect(throws: ConnectionError.self) {
            try await with(cloud(reply: { _ in [] }), secret: Secret("another")) { _ in }
        }
        #expect(error?.code == .refused(4))
    }

    @Test("a reply other than 200 is told with its code, none at all is a timeout")
    func replies() async throws {
        let refused = await #expect(throws: CloudError.self) {
            try await with(cloud(reply: { [#"{"id":\#($0),"code":460}"#] })) { try await $0.postProperty(["a": 1]) }
        }
        #expect(refused?.code == .unexpected && refused?.remoteCode == "460")
        let silent = await #expect(throws: CloudError.self) {
            try await with(cloud(reply: { _ in [] })) {
                try await $0.postProperty(["a": 1], deadline: .milliseconds(200))
            }
        }
        #expect(silent?.code == .timeout)
    }

    @Test("a connection that is lost while a reply is waited for is told at once")
    func lost() async throws {
        let error = await #expect(throws: ConnectionError.self) {
            try await with { peer in
                try? await peer.send(.connack(sessionPresent: false, code: 0))
                for await packet in peer.inbound {
                    if case .subscribe(let id, _) = packet { try? await peer.send(.suback(id: id, codes: [1])) }
                    if case .publish(let message) = packet, let id = message.id {
                        try? await peer.send(.puback(id: id))
                        return
                    }
                }
            } _: { session in
                try await session.postProperty(["a": 1], deadline: .seconds(3600))
            }
        }
        #expect(error?.code == .closed)
    }
}
