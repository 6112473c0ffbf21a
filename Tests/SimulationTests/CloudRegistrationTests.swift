import AliyunIoT
import Foundation
import MQTT
import NIOHTTP1
import Provisioning
import Simulation
import Testing

@Suite("Cloud stand-in: dynamic registration")
struct CloudRegistrationTests {
    private let key = RunningCloud.productKey

    @Test(
        "HTTPS registration takes every HMAC in either case and issues the secret that is then shown",
        arguments: SignMethod.allCases, [true, false])
    func https(method: SignMethod, upper: Bool) async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("dev@1:a")
            let answer = try await cloud.register("dev@1:a", method: method, upper: upper)
            #expect(answer.status == 200)
            let secret = (answer.json["data"] as? [String: Any])?["deviceSecret"] as? String ?? ""
            #expect(secret.count == 32)
            #expect(
                answer.text == #"{"code":200,"data":{"deviceName":"dev@1:a","deviceSecret":""# + secret
                    + #"","productKey":"\#(key)"},"message":"success"}"#)
            #expect(answer.text.utf8.count <= 255)
            #expect(try await cloud.detail("dev@1:a")["DeviceSecret"] as? String == secret)
        }
    }

    @Test("each HTTPS refusal has its number, HTTP 200 and a message")
    func refusals() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            func code(_ answer: RawAnswer) -> Int? {
                #expect(answer.status == 200)
                #expect((answer.json["message"] as? String)?.isEmpty == false)
                #expect(answer.text.hasPrefix(#"{"code":"#))
                return answer.json["code"] as? Int
            }
            #expect(try await code(cloud.register("unit-0001", secret: Secret("wrong"))) == 6600)
            #expect(try await code(cloud.register("unit-0002")) == 6100)
            #expect(try await code(cloud.register("unit-0001", product: "a1Nowhere00")) == 6250)
            let url = "\(cloud.ready.registration ?? "")/auth/register/device"
            #expect(try await code(cloud.send(.POST, url, form: "productKey=\(key)&deviceName=unit-0001")) == 460)
            let odd = "productKey=\(key)&deviceName=unit-0001&random=1&sign=00&signMethod=hmacsm3"
            #expect(try await code(cloud.send(.POST, url, form: odd)) == 6292)
            try await cloud.admin.turnSwitch(product: key, on: false)
            #expect(try await code(cloud.register("unit-0001")) == 6288)
            try await cloud.admin.turnSwitch(product: key, on: true)
            _ = try await cloud.call("DisableThing", ["ProductKey": key, "DeviceName": "unit-0001"])
            #expect(try await code(cloud.register("unit-0001")) == 522)
            _ = try await cloud.call("EnableThing", ["ProductKey": key, "DeviceName": "unit-0001"])
            let secret = try await cloud.secret(of: "unit-0001")
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 0)
            #expect(try await code(cloud.register("unit-0001")) == 6289)
        }
    }

    @Test("the station's client registers over both channels")
    func ownClient() async throws {
        try await RunningCloud.with { running async throws in
            try await running.create("unit-0001")
            let client = try DynamicRegistration(cloud: running.cloud())
            let first = try await client.overHTTPS(
                productKey: key, deviceName: "unit-0001", productSecret: RunningCloud.productSecret)
            let second = try await client.overMQTT(
                productKey: key, deviceName: "unit-0001", productSecret: RunningCloud.productSecret)
            #expect(first != second)
            #expect(try await running.detail("unit-0001")["DeviceSecret"] as? String == second.revealed)
            // A registration never activates.
            #expect(try await running.detail("unit-0001")["Status"] as? String == "UNACTIVE")
        }
    }

    @Test("the probe tells ready, switch off and wrong secret apart")
    func probe() async throws {
        try await RunningCloud.with { running async throws in
            try await running.create("station-probe")
            let probe = try CredentialProbe(cloud: running.cloud())
            func ask(_ secret: Secret) async -> CredentialProbe.Answer {
                await probe.check(productKey: key, probeName: "station-probe", productSecret: secret)
            }
            #expect(await ask(RunningCloud.productSecret) == .ready)
            #expect(await ask(Secret("wrong")) == .wrongSecret)
            try await running.admin.turnSwitch(product: key, on: false)
            #expect(await ask(RunningCloud.productSecret) == .switchOff)
        }
    }

    @Test(
        "MQTT registration pushes compact JSON without a subscription", arguments: SignMethod.allCases, [true, false])
    func mqtt(method: SignMethod, lower: Bool) async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let message = try await RawConnect.registration("unit-0001", method: method, lower: lower)
                .open(cloud) { connection in await connection.messages.first { _ in true } }
            #expect(message?.topic == "/ext/register")
            let secret = try await cloud.detail("unit-0001")["DeviceSecret"] as? String ?? "?"
            #expect(
                message?.text == #"{"deviceSecret":"\#(secret)","productKey":"\#(key)","deviceName":"unit-0001"}"#)
        }
    }

    @Test(
        "parameters come in any order, with unknown ones and either securemode",
        arguments: [
            "authType=register,random=42,signmethod=hmacsha256,securemode=-2,instanceId=",
            "securemode=2,,_v=x,signmethod=HmacSHA256,lan=C,authType=register,random=42,",
        ])
    func order(parameters: String) async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let connect = RawConnect.registration(
                "unit-0001", parameters: parameters.replacingOccurrences(of: ",instanceId=", with: ""))
            #expect(try await connect.code(cloud) == 0)
        }
    }

    @Test("every refused MQTT registration is CONNACK 4, and the true reason stands in the stand-in's log")
    func refusedOverMQTT() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            #expect(try await RawConnect.registration("unit-0002").code(cloud) == 4)
            #expect(try await RawConnect.registration("unit-0001", secret: Secret("wrong")).code(cloud) == 4)
            #expect(try await RawConnect.registration("unit-0001", product: "a1Nowhere00").code(cloud) == 4)
            try await cloud.admin.turnSwitch(product: key, on: false)
            #expect(try await RawConnect.registration("unit-0001").code(cloud) == 4)
            try await cloud.admin.turnSwitch(product: key, on: true)
            let secret = try await cloud.secret(of: "unit-0001")
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 0)
            #expect(try await RawConnect.registration("unit-0001").code(cloud) == 4)
            let reasons = try await cloud.admin.refusals().filter { $0.channel == "mqtt register" }.map(\.reason)
            #expect(reasons.map { String($0.prefix(4)) } == ["6100", "6600", "6250", "6288", "6289"])
        }
    }

    @Test(
        "a malformed MQTT registration is CONNACK 2",
        arguments: [
            "authType=register,securemode=2,signmethod=hmacsha256", "authType=register,random=42,securemode=2",
            "authType=register,random=42,securemode=2,signmethod=hmacsm3",
            "authType=registers,random=42,securemode=2,signmethod=hmacsha256",
            "authType=register,random=42,signmethod=hmacsha256",
            "authType=register,random=42,securemode=3,signmethod=hmacsha256",
        ])
    func malformed(parameters: String) async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            #expect(try await RawConnect.registration("unit-0001", parameters: parameters).code(cloud) == 2)
        }
    }

    @Test("an id of more than 64 characters before the bar is CONNACK 2", arguments: [(64, 0), (65, 2)])
    func longID(length: Int, code: Int) async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            var connect = RawConnect.registration("unit-0001")
            connect.id = String(repeating: "x", count: length)
            #expect(try await connect.code(cloud) == code)
        }
    }

    @Test("registration over plain TCP is CONNACK 2")
    func plain() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            #expect(try await RawConnect.registration("unit-0001").code(cloud, overTLS: false) == 2)
        }
    }

    @Test("a registration connection that stays is closed by the cloud")
    func closed() async throws {
        let configuration = RunningCloud.configuration { $0.registrationCloseSeconds = 0.3 }
        try await RunningCloud.with(configuration) { cloud async throws in
            try await cloud.create("unit-0001")
            let count = try await RawConnect.registration("unit-0001").open(cloud) { connection async throws in
                var count = 0
                for await _ in connection.messages { count += 1 }
                return count
            }
            #expect(count == 1)
        }
    }

    @Test("before the first connection each registration rotates the secret, and the earlier one is dead")
    func rotation() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let first = try await cloud.secret(of: "unit-0001")
            let second = try await cloud.secret(of: "unit-0001")
            #expect(first != second)
            #expect(try await RawConnect.device("unit-0001", secret: first).code(cloud) == 5)
            #expect(try await cloud.detail("unit-0001")["Status"] as? String == "UNACTIVE")
            #expect(try await RawConnect.device("unit-0001", secret: second).code(cloud) == 0)
        }
    }

    @Test(
        "ResetThing opens registration again, keeps the status, and keeps or rotates the secret",
        arguments: [false, true])
    func reset(rotates: Bool) async throws {
        let configuration = RunningCloud.configuration { $0.resetRotatesSecret = rotates }
        try await RunningCloud.with(configuration) { cloud async throws in
            try await cloud.create("unit-0001")
            let first = try await cloud.secret(of: "unit-0001")
            #expect(try await RawConnect.device("unit-0001", secret: first).code(cloud) == 0)
            let before = try await cloud.detail("unit-0001")
            let reset = try await cloud.call("ResetThing", ["ProductKey": key, "DeviceName": "unit-0001"])
            #expect(reset.json["Success"] as? Bool == true)
            let after = try await cloud.detail("unit-0001")
            #expect(after["UtcActive"] as? String == before["UtcActive"] as? String)
            #expect(after["Status"] as? String != "UNACTIVE")
            let second = try await cloud.secret(of: "unit-0001")
            #expect((first == second) == !rotates)
            #expect(try await RawConnect.device("unit-0001", secret: second).code(cloud) == 0)
            #expect(try await cloud.register("unit-0001").json["code"] as? Int == 6289)
        }
    }

    @Test("parallel registrations of one name leave exactly one valid secret")
    func parallel() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secrets = try await withThrowingTaskGroup(of: Secret.self) { group in
                for _ in 0..<12 { group.addTask { try await cloud.secret(of: "unit-0001") } }
                return try await group.reduce(into: [Secret]()) { $0.append($1) }
            }
            #expect(Set(secrets.map(\.revealed)).count == 12)
            let valid = try await cloud.detail("unit-0001")["DeviceSecret"] as? String
            #expect(secrets.filter { $0.revealed == valid }.count == 1)
        }
    }
}
