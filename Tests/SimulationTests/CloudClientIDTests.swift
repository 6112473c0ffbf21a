import AliyunIoT
import Foundation
import MQTT
import NIOCore
import NIOHTTP1
import Provisioning
import Testing

@testable import Simulation

/// What one registration without pre-registration pushes.
struct PushedClient: Decodable, Equatable, Sendable {
    let clientId: String
    let productKey: String
    let deviceName: String
    let deviceToken: String

    /// Registers one physical device; `nil` where the cloud refused it with CONNACK 4.
    static func register(_ name: String, _ cloud: RunningCloud, secureMode: Int = 2) async throws -> PushedClient? {
        let connect = RawConnect.registration(
            name, parameters: "random=42,authType=regnwl,securemode=\(secureMode),signmethod=hmacsha256")
        do {
            return try await connect.open(cloud) { connection async throws -> PushedClient in
                let message = try #require(await connection.messages.first { _ in true })
                #expect(message.topic == "/ext/regnwl")
                #expect(!message.text.contains(" "))
                return try JSONDecoder().decode(PushedClient.self, from: Data(message.text.utf8))
            }
        } catch let error as ConnectionError {
            guard case .refused(4) = error.code else { throw error }
            return nil
        }
    }

    /// The connection this credential allows.
    func connect(token: String? = nil, secureMode: Int = -2) -> RawConnect {
        RawConnect(
            id: clientId, parameters: "authType=connwl,securemode=\(secureMode),_ss=1,ext=3,_v=sdk-c-4.2.0",
            username: "\(deviceName)&\(productKey)", password: token ?? deviceToken)
    }
}

@Suite("Cloud stand-in: no pre-registration")
struct CloudClientIDTests {
    private let key = RunningCloud.productKey

    private func clients(_ cloud: RunningCloud, _ iotID: String) async throws -> [String] {
        let answer = try await cloud.call("QueryClientIds", ["IotId": iotID])
        #expect(answer.code == "Success" && answer.data["IotId"] as? String == iotID)
        return (answer.data["DynamicRegClientIds"] as? [[String: Any]] ?? []).compactMap { row in
            #expect(row["CreateTime"] is Int)
            return row["ClientId"] as? String
        }
    }

    @Test("a registration makes the device and pushes a credential that fits the C SDK's buffers", arguments: [2, -2])
    func registers(secureMode: Int) async throws {
        try await RunningCloud.with { cloud async throws in
            let pushed = try #require(try await PushedClient.register("unit-0001", cloud, secureMode: secureMode))
            #expect(pushed.productKey == key && pushed.deviceName == "unit-0001")
            #expect(pushed.deviceToken.utf8.count <= 63 && !pushed.deviceToken.isEmpty)
            #expect(pushed.clientId.utf8.count <= 64 && !pushed.clientId.contains("|"))
            let before = try await cloud.detail("unit-0001")
            #expect(before["Status"] as? String == "UNACTIVE" && before["UtcActive"] as? String == "")
            #expect(try await clients(cloud, before["IotId"] as? String ?? "") == [pushed.clientId])
            #expect(try await pushed.connect().code(cloud) == 0)
            #expect(try await cloud.detail("unit-0001")["UtcActive"] as? String != "")
        }
    }

    @Test("the token is compared byte by byte, and only over TLS")
    func verbatim() async throws {
        try await RunningCloud.with { cloud async throws in
            let pushed = try #require(try await PushedClient.register("unit-0001", cloud))
            #expect(try await pushed.connect(token: pushed.deviceToken.uppercased()).code(cloud) == 5)
            #expect(try await pushed.connect(token: pushed.deviceToken + "0").code(cloud) == 5)
            var other = pushed.connect()
            other.id = (pushed.clientId.hasPrefix("A") ? "B" : "A") + pushed.clientId.dropFirst()
            #expect(try await other.code(cloud) == 5)
            #expect(try await pushed.connect(secureMode: 3).code(cloud, overTLS: false) == 2)
            #expect(try await pushed.connect().code(cloud, overTLS: false) == 2)
            #expect(try await cloud.detail("unit-0001")["Status"] as? String == "UNACTIVE")
        }
    }

    @Test("twelve registrations of one name at once give exactly five credentials, each of its own")
    func five() async throws {
        try await RunningCloud.with { cloud async throws in
            let pushed = try await withThrowingTaskGroup(of: PushedClient?.self) { group in
                for _ in 0..<12 { group.addTask { try await PushedClient.register("unit-0001", cloud) } }
                return try await group.reduce(into: [PushedClient]()) { list, client in
                    if let client { list.append(client) }
                }
            }
            #expect(pushed.count == 5)
            #expect(Set(pushed.map(\.clientId)).count == 5 && Set(pushed.map(\.deviceToken)).count == 5)
            let iotID = try await cloud.detail("unit-0001")["IotId"] as? String ?? ""
            #expect(try await Set(clients(cloud, iotID)) == Set(pushed.map(\.clientId)))
            #expect(try await cloud.admin.refusals().count { $0.reason.contains("five ClientIDs") } == 7)
            #expect(try await cloud.admin.devices().map(\.clientIDs.count) == [5])
        }
    }

    @Test("after activation and for a pre-registered name it is accepted; a disabled device is refused")
    func accepted() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let first = try #require(try await PushedClient.register("unit-0001", cloud))
            #expect(try await first.connect().code(cloud) == 0)
            #expect(try await PushedClient.register("unit-0001", cloud) != nil)
            // The pre-registered kind ends with the activation, whoever activated.
            #expect(try await cloud.register("unit-0001").json["code"] as? Int == 6289)
            _ = try await cloud.call("DisableThing", ["ProductKey": key, "DeviceName": "unit-0001"])
            #expect(try await PushedClient.register("unit-0001", cloud) == nil)
            #expect(try await first.connect().code(cloud) == 5)
        }
    }

    @Test("each ClientID has one session of its own beside the others")
    func sessions() async throws {
        try await RunningCloud.with { cloud async throws in
            let first = try #require(try await PushedClient.register("unit-0001", cloud))
            let second = try #require(try await PushedClient.register("unit-0001", cloud))
            try await first.connect().open(cloud) { one async throws in
                try await second.connect().open(cloud) { _ async throws in
                    // The same ClientID again takes the place of the first connection alone.
                    try await first.connect().open(cloud) { _ async throws in
                        for await _ in one.messages {}
                        let iotID = try await cloud.detail("unit-0001")["IotId"] as? String ?? ""
                        #expect(try await cloud.detail("unit-0001")["Status"] as? String == "ONLINE")
                        _ = try await cloud.call("TransformClientId", ["IotId": iotID, "ClientId": second.clientId])
                    }
                    #expect(try await cloud.detail("unit-0001")["Status"] as? String == "ONLINE")
                }
            }
            #expect(
                try await cloud.eventually { try await cloud.detail("unit-0001")["Status"] as? String == "OFFLINE" })
        }
    }

    @Test("switch keeps one ClientID and ends the others' sessions; clear keeps none; then there is room again")
    func switchAndClear() async throws {
        try await RunningCloud.with { cloud async throws in
            var pushed: [PushedClient] = []
            for _ in 0..<5 { pushed.append(try #require(try await PushedClient.register("unit-0001", cloud))) }
            #expect(try await PushedClient.register("unit-0001", cloud) == nil)
            let iotID = try await cloud.detail("unit-0001")["IotId"] as? String ?? ""
            let kept = pushed[3]
            try await pushed[0].connect().open(cloud) { connection async throws in
                let done = try await cloud.call("TransformClientId", ["IotId": iotID, "ClientId": kept.clientId])
                #expect(done.json["Success"] as? Bool == true && done.code == "Success")
                for await _ in connection.messages {}
            }
            #expect(try await clients(cloud, iotID) == [kept.clientId])
            #expect(try await pushed[0].connect().code(cloud) == 5)
            let unknown = try await cloud.call(
                "TransformClientId", ["IotId": iotID, "ClientId": pushed[0].clientId])
            #expect(unknown.json["Success"] as? Bool == false)
            #expect(try await clients(cloud, iotID) == [kept.clientId])
            try await kept.connect().open(cloud) { connection async throws in
                #expect(try await cloud.call("DeleteClientIds", ["IotId": iotID]).code == "Success")
                for await _ in connection.messages {}
            }
            #expect(try await clients(cloud, iotID).isEmpty)
            #expect(try await cloud.call("DeleteClientIds", ["IotId": iotID]).code == "Success")
            #expect(try await kept.connect().code(cloud) == 5)
            #expect(try await PushedClient.register("unit-0001", cloud) != nil)
        }
    }

    @Test("the three calls need an IotId that is there")
    func calls() async throws {
        try await RunningCloud.with { cloud async throws in
            for action in ["QueryClientIds", "DeleteClientIds"] {
                #expect(try await cloud.call(action).code == "MissingIotId")
                #expect(try await cloud.call(action, ["IotId": "x"]).code == "iot.device.NotExistedDevice")
            }
            #expect(try await cloud.call("TransformClientId", ["IotId": "x"]).code == "MissingClientId")
        }
    }

    @Test("it can be switched off for a product and for all; the switch and the name's form count too")
    func off() async throws {
        var product = RunningCloud.configuration()
        product.products[0].noPreregistration = false
        for configuration in [product, RunningCloud.configuration { $0.noPreregistration = false }] {
            try await RunningCloud.with(configuration) { cloud async throws in
                #expect(try await PushedClient.register("unit-0001", cloud) == nil)
                #expect(try await cloud.admin.devices().isEmpty)
            }
        }
        try await RunningCloud.with { cloud async throws in
            #expect(try await PushedClient.register("abc", cloud) == nil)
            try await cloud.admin.turnSwitch(product: key, on: false)
            #expect(try await PushedClient.register("unit-0001", cloud) == nil)
            #expect(try await cloud.admin.devices().isEmpty)
        }
    }

    @Test("credentials outlive a restart and their tokens are listed with the secrets")
    func restart() async throws {
        try await withTemporaryFolder { folder in
            let configuration = RunningCloud.configuration {
                $0.stateFile = folder + "/state.json"
                $0.secretsFile = folder + "/secrets.json"
            }
            let pushed = try await RunningCloud.with(configuration) { cloud async throws in
                let pushed = try #require(try await PushedClient.register("unit-0001", cloud))
                let list = try String(contentsOfFile: folder + "/secrets.json", encoding: .utf8)
                #expect(list.contains(pushed.deviceToken))
                let listed = try await cloud.send(.GET, (cloud.ready.admin ?? "") + "/devices")
                #expect(listed.text.contains(pushed.clientId) && !listed.text.contains(pushed.deviceToken))
                return pushed
            }
            try await RunningCloud.with(configuration) { cloud async throws in
                #expect(try await pushed.connect().code(cloud) == 0)
            }
        }
    }
}
