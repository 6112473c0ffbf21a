import Foundation
import MQTT
import Provisioning
import Simulation
import Subprocess
import Testing

/// Clients written by others, from PyPI and unchanged, in Python environments of their own.
enum ForeignClient {
    /// The environment in `STATION_VENV`, and beside it the one for linkkit, which needs an older paho-mqtt.
    static let tools = python("")
    static let linkkit = python("-linkkit")

    private static func python(_ suffix: String) -> String? {
        guard let venv = ProcessInfo.processInfo.environment["STATION_VENV"] else { return nil }
        return "\(venv)\(suffix)/bin/python"
    }

    /// Whether an environment has all the named modules.
    static func has(_ python: String?, _ modules: [String]) async -> Bool {
        guard let python, FileManager.default.isExecutableFile(atPath: python) else { return false }
        // Importing the large SDKs takes seconds; finding them does not.
        let question =
            "import importlib.util as u, sys; sys.exit(any(u.find_spec(m) is None for m in sys.argv[1:]))"
        let result = try? await run(
            .name("env"), arguments: .init([python, "-c", question] + modules), output: .discarded, error: .discarded)
        return result?.terminationStatus.isSuccess == true
    }

    /// Runs a script of `Clients/` and returns what it saw. Secrets go to it on standard input.
    static func see(
        _ script: String, python: String?, _ cloud: RunningCloud, name: String = "unit-0001",
        more: [String: String] = [:]
    ) async throws -> NSDictionary {
        let mqttPort = Int(cloud.ready.mqttTLS?.split(separator: ":").last ?? "") ?? 0
        var given: [String: Any] = [
            "openapi": (cloud.ready.openapiTLS ?? "").replacingOccurrences(of: "https://", with: ""),
            "registration": cloud.ready.registration ?? "", "mqtt_host": "127.0.0.1", "mqtt_port": mqttPort,
            "ca_file": cloud.ready.caFile ?? "", "product_key": RunningCloud.productKey,
            "product_secret": RunningCloud.productSecret.revealed, "device_name": name,
            "access_key_id": RunningCloud.accessKeyID, "access_key_secret": RunningCloud.accessKeySecret.revealed,
        ]
        given.merge(more) { $1 }
        let input = String(decoding: try JSONSerialization.data(withJSONObject: given), as: UTF8.self)
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Clients/\(script)").path
        let result = try await run(
            .name("env"), arguments: [python ?? "python3", "-W", "ignore", path], input: .string(input),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let said = result.standardError
        #expect(result.terminationStatus.isSuccess, "\(script): \(said)")
        return try #require(
            try? JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8)) as? NSDictionary,
            "\(script) said no JSON: \(said)")
    }
}

@Suite("Cloud stand-in: clients of others")
struct CloudForeignClientTests {
    private let key = RunningCloud.productKey

    @Test(
        "aliyun-python-sdk-iot signs by v1, registers, checks and creates a batch, and blames a wrong secret",
        .enabled("needs STATION_VENV with aliyun-python-sdk-iot") {
            await ForeignClient.has(ForeignClient.tools, ["aliyunsdkcore", "aliyunsdkiot"])
        },
        .timeLimit(.minutes(5)))
    func signatureV1() async throws {
        try await RunningCloud.with { cloud async throws in
            let saw = try await ForeignClient.see("openapi_v1.py", python: ForeignClient.tools, cloud)
            let expected: NSDictionary = [
                "registered": "v1@a.b:c", "again": "iot.device.AlreadyExistedDeviceName", "detail": "UNACTIVE",
                "status": "UNACTIVE", "checked": "CHECK_SUCCESS", "created": "CREATE_SUCCESS",
                "page": ["batch-@-1", "batch:2", "batch.3"], "nicknamed": "CHECK_SUCCESS",
                "states": ["UNACTIVE", "UNACTIVE", "UNACTIVE"], "wrong_secret": [400, "InvalidAccessKeySecret"],
            ]
            #expect(saw == expected)
        }
    }

    @Test(
        "alibabacloud_iot20180120 signs by ACS3 and by v1, and reads every shape it is given",
        .enabled("needs STATION_VENV with alibabacloud_iot20180120") {
            await ForeignClient.has(ForeignClient.tools, ["alibabacloud_iot20180120"])
        },
        .timeLimit(.minutes(5)))
    func acs3() async throws {
        try await RunningCloud.with { cloud async throws in
            for _ in 0..<3 { #expect(try await PushedClient.register("cloned-1", cloud) != nil) }
            let saw = try await ForeignClient.see(
                "openapi_acs3.py", python: ForeignClient.tools, cloud, name: "cloned-1")
            let expected: NSDictionary = [
                "registered": "acs3@a.b:c", "again": "iot.device.AlreadyExistedDeviceName", "detail": "UNACTIVE",
                "v1": "UNACTIVE", "repeated": [String](), "checked": "CHECK_SUCCESS", "created": "CREATE_SUCCESS",
                "page": ["batch-1", "batch:2", "batch@3"], "invalid": ["abc"], "v1_checked": "CHECK_SUCCESS",
                "details": ["UNACTIVE", "UNACTIVE", "UNACTIVE"], "statistics": [5, 0, 0], "by_status": [5, 2],
                "products": true, "clients": 3, "switched": true, "cleared": [String](),
                "import_checked": [["abc"], ["a b"], ["SN-1"], [String](), ["SN-1"]],
                "import_refused": [true, ["abc"], ["a b"], ["SN-1"], [String](), ["a b"]],
                "imported": "CREATE_SUCCESS",
                "import_page": [["own-1", "own.secret:1", "SN_1"], ["own@2", "own.secret:2", ""]],
                "provisioning": ["own-1", "cn-shanghai"], "search": "iot.common.APINotSupportedInInstance",
                "wrong_secret": [400, "SignatureDoesNotMatch"],
            ]
            #expect(saw == expected)
        }
    }

    @Test(
        "aliyun-iot-linkkit registers and connects",
        .enabled("needs STATION_VENV-linkkit with aliyun-iot-linkkit and paho-mqtt 1") {
            await ForeignClient.has(ForeignClient.linkkit, ["linkkit", "paho"])
        },
        .timeLimit(.minutes(5)), arguments: ["https", "mqtt", "regnwl"])
    func linkkit(way: String) async throws {
        try await RunningCloud.with { cloud async throws in
            if way != "regnwl" { try await cloud.create("unit-0001") }
            let saw = try await ForeignClient.see(
                "linkkit_device.py", python: ForeignClient.linkkit, cloud, more: ["way": way])
            #expect(saw["register"] as? NSArray == (way == "regnwl" ? [0, true, true, true] : [0, 32]))
            #expect(saw["connect"] as? Int == 0)
            #expect(try await cloud.detail("unit-0001")["UtcActive"] as? String != "")
        }
    }

    @Test(
        "aliyun-iot-linkkit is told that its registration was refused",
        .enabled("needs STATION_VENV-linkkit with aliyun-iot-linkkit and paho-mqtt 1") {
            await ForeignClient.has(ForeignClient.linkkit, ["linkkit", "paho"])
        },
        .timeLimit(.minutes(5)))
    func linkkitRefused() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let saw = try await ForeignClient.see(
                "linkkit_device.py", python: ForeignClient.linkkit, cloud, more: ["way": "refused"])
            #expect(saw["register"] as? Bool == true)
            #expect(try await cloud.detail("unit-0001")["Status"] as? String == "UNACTIVE")
        }
    }

    @Test(
        "paho-mqtt 2 registers and connects in both modes",
        .enabled("needs STATION_VENV with paho-mqtt 2") {
            await ForeignClient.has(ForeignClient.tools, ["paho.mqtt.enums"])
        },
        .timeLimit(.minutes(5)))
    func paho() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let saw = try await ForeignClient.see("paho_device.py", python: ForeignClient.tools, cloud)
            let expected: NSDictionary = [
                "register": ["ok", "/ext/register", ["deviceName", "deviceSecret", "productKey"]],
                "device": ["ok", true, 200], "wrong": "Not authorized",
                "regnwl": ["ok", "/ext/regnwl", ["clientId", "deviceName", "deviceToken", "productKey"]],
                "connwl": ["ok", true, 200], "wrong_token": "Not authorized",
                "short_keep_alive": "Client identifier not valid",
            ]
            #expect(saw == expected)
        }
    }
}
