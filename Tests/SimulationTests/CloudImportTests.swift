import Foundation
import Provisioning
import Simulation
import Testing

@Suite("Cloud stand-in: imports")
struct CloudImportTests {
    private let key = RunningCloud.productKey

    /// Parameters of a batch call for devices given as name, secret and, where not empty, serial number.
    private func list(_ devices: [(name: String, secret: String, serial: String)]) -> [String: String] {
        var parameters = ["ProductKey": key]
        for (index, device) in devices.enumerated() {
            parameters["DeviceList.\(index + 1).DeviceName"] = device.name
            parameters["DeviceList.\(index + 1).DeviceSecret"] = device.secret
            if !device.serial.isEmpty { parameters["DeviceList.\(index + 1).Sn"] = device.serial }
        }
        return parameters
    }

    /// `count` good devices.
    private func good(_ count: Int) -> [(name: String, secret: String, serial: String)] {
        (1...count).map { ("unit-\(1000 + $0)", "own.secret:\($0)", $0 == 1 ? "" : "SN_\($0)") }
    }

    private func settle(_ id: String, _ cloud: RunningCloud) async throws -> RawAnswer {
        var last: RawAnswer?
        _ = try await cloud.eventually {
            last = try await cloud.call("QueryBatchRegisterDeviceStatus", ["ProductKey": key, "ApplyId": id])
            return last?.data["Status"] as? String != "CREATE"
        }
        return try #require(last)
    }

    @Test("a batch is checked at once, imported in its own time, and paged with its own secrets and serial numbers")
    func way() async throws {
        // Long enough that the second call comes while the first one's job is still under way.
        let configuration = RunningCloud.configuration { $0.batchDelayMilliseconds = 3000 }
        try await RunningCloud.with(configuration) { cloud async throws in
            let checked = try await cloud.call("BatchCheckImportDevice", list(good(12)), place: .body)
            let nothing: [String: Any] = [
                "InvalidDeviceNameList": [], "InvalidDeviceSecretList": [], "InvalidSnList": [],
                "RepeatedDeviceNameList": [], "InvalidDetailList": [],
            ]
            #expect(checked.data as NSDictionary == nothing as NSDictionary)
            #expect(try await cloud.admin.devices().isEmpty)
            let started = try await cloud.call("BatchImportDevice", list(good(12)), place: .body)
            let id = String(try #require(started.data["ApplyId"] as? Int))
            let running = try await cloud.call("BatchImportDevice", list(good(1)), place: .body)
            #expect(running.code == "iot.device.CreateDeviceTaskIsRunning")
            #expect(try await settle(id, cloud).data["Status"] as? String == "CREATE_SUCCESS")
            var rows: [[String: Any]] = []
            for page in 1...2 {
                let answer = try await cloud.call(
                    "QueryImportedDeviceByApplyId", ["ApplyId": id, "PageNo": "\(page)", "PageSize": "10"])
                #expect(answer.json["TotalPage"] as? Int == 2 && answer.json["PageNo"] as? Int == page)
                #expect(answer.json["PageSize"] as? Int == 10 && answer.json["ProductKey"] as? String == key)
                rows += (answer.json["DeviceList"] as? [String: Any])?["device"] as? [[String: Any]] ?? []
            }
            #expect(rows.map { $0["DeviceName"] as? String } == good(12).map(\.name))
            #expect(rows.map { $0["DeviceSecret"] as? String } == good(12).map(\.secret))
            #expect(rows.map { $0["Sn"] as? String } == good(12).map(\.serial))
            #expect(try await cloud.call("QueryPageByApplyId", ["ApplyId": id]).json["Total"] as? Int == 12)
            #expect(try await RawConnect.device("unit-1012", secret: Secret("own.secret:12")).code(cloud) == 0)
        }
    }

    @Test("one flawed device keeps a whole batch out, and both calls tell each flaw")
    func flaws() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let given = list([
                ("unit-0001", "a", ""), ("abc", "a", ""), ("unit-0002", "a b", ""), ("unit-0003", "", ""),
                ("unit-0004", "a", "SN-4"), ("unit-0005", "a", ""), ("unit-0005", "b", ""), ("unit-0006", "a", "6"),
                ("x y z", "%", "#"),
            ])
            let checked = try await cloud.call("BatchCheckImportDevice", given, place: .body)
            #expect(checked.json["Success"] as? Bool == true)
            let expected = [
                "InvalidDeviceNameList": ["abc", "x y z"], "InvalidDeviceSecretList": ["a b", "", "%"],
                "InvalidSnList": ["SN-4", "#"], "RepeatedDeviceNameList": ["unit-0001", "unit-0005"],
            ]
            for (name, list) in expected { #expect(checked.data[name] as? [String] == list, "\(name)") }
            let details = checked.data["InvalidDetailList"] as? [[String: String]] ?? []
            let exists = ["DeviceName": "unit-0001", "DeviceSecret": "a", "Sn": ""]
            #expect(details.first == exists.merging(["ErrorMsg": "DeviceName already exists"]) { $1 })
            #expect(
                details.last?["ErrorMsg"]
                    == "DeviceName is not well formatted|DeviceSecret is not well formatted|Sn is not well formatted")
            #expect(details.count == 7)
            let refused = try await cloud.call("BatchImportDevice", given, place: .body)
            #expect(refused.json["Success"] as? Bool == true && refused.data["ApplyId"] == nil)
            let inner = [
                ("InvalidDeviceNameList", "invalidDeviceName"), ("InvalidDeviceSecretList", "invalidDeviceSecret"),
                ("InvalidSnList", "invalidSn"), ("RepeatedDeviceNameList", "repeatedDeviceName"),
            ]
            for (name, member) in inner {
                #expect((refused.data[name] as? [String: [String]])?[member] == expected[name], "\(name)")
            }
            let list = (refused.data["InvalidDetailList"] as? [String: Any])?["InvalidDetailList"]
            #expect(list as? [[String: String]] == details)
            #expect(try await cloud.admin.devices().map(\.deviceName) == ["unit-0001"])
        }
    }

    @Test("wrong calls have their codes")
    func codes() async throws {
        try await RunningCloud.with { cloud async throws in
            for action in ["BatchImportDevice", "BatchCheckImportDevice"] {
                #expect(try await cloud.call(action).code == "MissingProductKey")
                #expect(
                    try await cloud.call(action, ["ProductKey": key]).code == "iot.device.NoneDeviceNameElement")
            }
            let random = try await cloud.call("BatchRegisterDevice", ["ProductKey": key, "Count": "1"])
            let id = String(try #require(random.data["ApplyId"] as? Int))
            // A batch that was not imported is none of this call's.
            let other = try await cloud.call("QueryImportedDeviceByApplyId", ["ApplyId": id])
            #expect(other.code == "iot.device.DeviceApplyIsNotFound")
            let base = ["ProductKey": key, "DeviceName": "unit-0001", "DeviceSecret": "a"]
            for (name, value) in [("Sn", "SN-1"), ("DeviceSecret", "a b"), ("Nickname", "灯 1")] {
                let answer = try await cloud.call("ImportDevice", base.merging([name: value]) { $1 })
                #expect(answer.code == "iot.common.InvalidFormattedParameter", "\(name)")
            }
            // A nickname may be as short as one letter here.
            let good = try await cloud.call("ImportDevice", base.merging(["Nickname": "A"]) { $1 })
            #expect(good.json["Success"] as? Bool == true)
        }
    }

    @Test("a job outlives a restart, and its secrets are listed from the moment it was taken in")
    func restart() async throws {
        try await withTemporaryFolder { folder in
            let configuration = RunningCloud.configuration {
                $0.stateFile = folder + "/state.json"
                $0.secretsFile = folder + "/secrets.json"
            }
            @Sendable func listed() throws -> [String] {
                try JSONDecoder().decode(
                    [String].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/secrets.json")))
            }
            let id = try await RunningCloud.with(configuration) { cloud async throws in
                let started = try await cloud.call("BatchImportDevice", list(good(3)), place: .body)
                #expect(try Set(listed()).isSuperset(of: good(3).map(\.secret)))
                return String(try #require(started.data["ApplyId"] as? Int))
            }
            try await RunningCloud.with(configuration) { cloud async throws in
                #expect(try await settle(id, cloud).data["Status"] as? String == "CREATE_SUCCESS")
                #expect(try await cloud.detail("unit-1003")["DeviceSecret"] as? String == "own.secret:3")
            }
            #expect(try listed().count == 5)
        }
    }
}
