import Foundation
import Provisioning
import Simulation
import Testing

@Suite("Cloud stand-in: batch calls")
struct CloudBatchTests {
    private let key = RunningCloud.productKey

    private func names(_ answer: RawAnswer, _ outer: String, _ inner: String) -> [String] {
        (answer.data[outer] as? [String: Any])?[inner] as? [String] ?? ["?"]
    }

    /// Checks names given by `DeviceName.N` and returns the answer.
    private func check(_ names: [String], _ cloud: RunningCloud) async throws -> RawAnswer {
        var parameters = ["ProductKey": key]
        for (index, name) in names.enumerated() { parameters["DeviceName.\(index + 1)"] = name }
        return try await cloud.call("BatchCheckDeviceNames", parameters, place: .body)
    }

    private func applyID(_ answer: RawAnswer) throws -> String { String(try #require(answer.data["ApplyId"] as? Int)) }

    private func status(_ id: String, _ cloud: RunningCloud) async throws -> RawAnswer {
        try await cloud.call("QueryBatchRegisterDeviceStatus", ["ProductKey": key, "ApplyId": id])
    }

    /// Waits for one of the stages and returns the answer that shows it.
    private func settle(_ id: String, _ cloud: RunningCloud) async throws -> RawAnswer {
        var last = try await status(id, cloud)
        _ = try await cloud.eventually {
            last = try await status(id, cloud)
            return ["CHECK", "CREATE"].contains(last.data["Status"] as? String) == false
        }
        return last
    }

    private func register(_ id: String, _ cloud: RunningCloud) async throws -> RawAnswer {
        try await cloud.call("BatchRegisterDeviceWithApplyId", ["ProductKey": key, "ApplyId": id])
    }

    @Test("names are checked, then registered, then paged, each stage in its own time")
    func way() async throws {
        try await RunningCloud.with { cloud async throws in
            let wanted = (1...23).map { "unit-\(1000 + $0)" }
            let checked = try await check(wanted, cloud)
            #expect(checked.json["Success"] as? Bool == true)
            let id = try applyID(checked)
            #expect(names(checked, "InvalidDeviceNameList", "InvalidDeviceName").isEmpty)
            #expect(names(checked, "RepeatedDeviceNameList", "RepeatDevieNameList").isEmpty)
            let early = try await register(id, cloud)
            #expect(early.code == "iot.device.IncorrentDeviceApplyInfo")
            let good = try await settle(id, cloud)
            #expect(good.data["Status"] as? String == "CHECK_SUCCESS")
            #expect(names(good, "ValidList", "Name").isEmpty && names(good, "InvalidList", "Name").isEmpty)
            #expect(try await cloud.admin.devices().isEmpty)
            let started = try await register(id, cloud)
            #expect(started.data["ApplyId"] as? Int == Int(id))
            #expect(try await register(id, cloud).code == "iot.device.CreateDeviceTaskIsRunning")
            #expect(try await settle(id, cloud).data["Status"] as? String == "CREATE_SUCCESS")
            #expect(try await register(id, cloud).code == "iot.device.IncorrentDeviceApplyInfo")
            var paged: [String] = []
            for page in 1...3 {
                let answer = try await cloud.call(
                    "QueryPageByApplyId", ["ApplyId": id, "CurrentPage": "\(page)", "PageSize": "10"])
                #expect(answer.json["Total"] as? Int == 23 && answer.json["PageCount"] as? Int == 3)
                #expect(answer.json["Page"] as? Int == page && answer.json["PageSize"] as? Int == 10)
                let rows = (answer.json["ApplyDeviceList"] as? [String: Any])?["ApplyDeviceInfo"] as? [[String: Any]]
                for row in rows ?? [] {
                    paged.append(row["DeviceName"] as? String ?? "?")
                    #expect(row["IotId"] is String && row["DeviceId"] is String)
                }
            }
            #expect(paged == wanted)
            // It shows the secret last issued.
            let secret = try await cloud.secret(of: "unit-1001")
            let page = try await cloud.call("QueryPageByApplyId", ["ApplyId": id])
            let rows = (page.json["ApplyDeviceList"] as? [String: Any])?["ApplyDeviceInfo"] as? [[String: Any]]
            #expect(rows?.first?["DeviceSecret"] as? String == secret.revealed)
            #expect(try await cloud.admin.devices().map(\.deviceName) == wanted)
        }
    }

    @Test("bad, repeated and existing names fail the check, each with its reasons")
    func flaws() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            var parameters = ["ProductKey": key, "DeviceName.1": "ignored-1"]
            let given = [
                ("unit-0001", ""), ("unit-0002", "Lamp_2"), ("abc", ""), ("unit-0003", "灯"), ("unit-0004", ""),
                ("unit-0004", ""), ("a b c d", "x"),
            ]
            for (index, item) in given.enumerated() {
                parameters["DeviceNameList.\(index + 1).DeviceName"] = item.0
                parameters["DeviceNameList.\(index + 1).DeviceNickname"] = item.1
            }
            let checked = try await cloud.call("BatchCheckDeviceNames", parameters, place: .body)
            #expect(names(checked, "InvalidDeviceNameList", "InvalidDeviceName") == ["abc", "a b c d"])
            #expect(names(checked, "InvalidDeviceNicknameList", "InvalidDeviceNickname") == ["灯", "x"])
            #expect(names(checked, "RepeatedDeviceNameList", "RepeatDevieNameList") == ["unit-0004"])
            let details = (checked.data["InvalidDetailList"] as? [String: Any])?["InvalidDetailList"]
            #expect((details as? [[String: Any]])?.map { $0["DeviceName"] as? String }.count == 4)
            let id = try applyID(checked)
            let failed = try await settle(id, cloud)
            #expect(failed.data["Status"] as? String == "CHECK_FAILED")
            #expect(names(failed, "ValidList", "Name") == ["unit-0002"])
            #expect(
                Set(names(failed, "InvalidList", "Name")) == [
                    "unit-0001", "abc", "unit-0003", "unit-0004", "a b c d",
                ])
            let list = (failed.data["InvalidDetailList"] as? [String: Any])?["invalidDetailList"] as? [[String: Any]]
            let reasons = Dictionary(
                uniqueKeysWithValues: (list ?? []).map {
                    ($0["DeviceName"] as? String ?? "?", $0["ErrorMsg"] as? String ?? "?")
                })
            #expect(reasons["unit-0001"] == "DeviceName already exists")
            #expect(reasons["a b c d"] == "DeviceName is not well formatted|nickname is not well formatted")
            #expect(try await register(id, cloud).code == "iot.device.IncorrentDeviceApplyInfo")
            #expect(try await cloud.admin.devices().map(\.deviceName) == ["unit-0001"])
        }
    }

    @Test("a name taken between check and creation fails the creation of that name alone")
    func taken() async throws {
        try await RunningCloud.with(RunningCloud.configuration { $0.batchDelayMilliseconds = 0 }) {
            cloud async throws in
            let id = try applyID(try await check(["unit-0001", "unit-0002"], cloud))
            #expect(try await settle(id, cloud).data["Status"] as? String == "CHECK_SUCCESS")
            try await cloud.create("unit-0002")
            _ = try await register(id, cloud)
            let failed = try await settle(id, cloud)
            #expect(failed.data["Status"] as? String == "CREATE_FAILED")
            #expect(names(failed, "ValidList", "Name") == ["unit-0001"])
            #expect(names(failed, "InvalidList", "Name") == ["unit-0002"])
            #expect(try await cloud.call("QueryPageByApplyId", ["ApplyId": id]).json["Total"] as? Int == 1)
        }
    }

    @Test("one creation at a time in a product; random names by count; wrong calls have their codes")
    func codes() async throws {
        let configuration = RunningCloud.configuration { $0.batchDelayMilliseconds = 600_000 }
        try await RunningCloud.with(configuration) { cloud async throws in
            let random = try await cloud.call("BatchRegisterDevice", ["ProductKey": key, "Count": "3"])
            #expect(random.data["ApplyId"] is Int)
            let second = try await cloud.call("BatchRegisterDevice", ["ProductKey": key, "Count": "3"])
            #expect(second.code == "iot.device.CreateDeviceTaskIsRunning")
            let id = try applyID(random)
            #expect(try await status(id, cloud).data["Status"] as? String == "CREATE")
            for count in ["0", "10001", "x"] {
                let answer = try await cloud.call("BatchRegisterDevice", ["ProductKey": key, "Count": count])
                #expect(answer.code == "iot.common.InvalidFormattedParameter")
            }
            #expect(try await status("1", cloud).code == "iot.device.DeviceApplyIsNotFound")
            #expect(try await status("x", cloud).code == "iot.device.InvalidFormattedApplyId")
            #expect(try await status("", cloud).code == "iot.device.NullApplyId")
            #expect(
                try await cloud.call("BatchCheckDeviceNames", ["ProductKey": key]).code
                    == "iot.device.NoneDeviceNameElement")
            let page = try await cloud.call("QueryPageByApplyId", ["ApplyId": id, "PageSize": "51"])
            #expect(page.code == "iot.common.InvalidPageParams")
        }
        try await RunningCloud.with { cloud async throws in
            let id = try applyID(try await cloud.call("BatchRegisterDevice", ["ProductKey": key, "Count": "3"]))
            #expect(try await settle(id, cloud).data["Status"] as? String == "CREATE_SUCCESS")
            #expect(try await cloud.admin.devices().count == 3)
        }
    }

    @Test("ten thousand names go through one call, what is beyond is dropped without a word", .timeLimit(.minutes(5)))
    func many() async throws {
        try await withTemporaryFolder { folder in
            let configuration = RunningCloud.configuration {
                $0.stateFile = folder + "/state.json"
                $0.secretsFile = folder + "/secrets.json"
            }
            let wanted = (0..<10_003).map { "unit-\(100_000 + $0)" }
            let id = try await RunningCloud.with(configuration) { cloud async throws in
                let checked = try await check(wanted, cloud)
                let id = try applyID(checked)
                #expect(try await settle(id, cloud).data["Status"] as? String == "CHECK_SUCCESS")
                _ = try await register(id, cloud)
                // Ends before the job does, most likely; the next start goes on.
                return id
            }
            try await RunningCloud.with(configuration) { cloud async throws in
                #expect(try await settle(id, cloud).data["Status"] as? String == "CREATE_SUCCESS")
                let last = try await cloud.call(
                    "QueryPageByApplyId", ["ApplyId": id, "CurrentPage": "200", "PageSize": "50"])
                #expect(last.json["Total"] as? Int == 10_000)
                let rows = (last.json["ApplyDeviceList"] as? [String: Any])?["ApplyDeviceInfo"] as? [[String: Any]]
                #expect(rows?.last?["DeviceName"] as? String == wanted[9_999])
                let count = try await cloud.call("QueryDeviceStatistics", ["ProductKey": key])
                #expect(count.data["deviceCount"] as? Int == 10_000)
                // One device more costs a line of the log, not the whole file.
                let size = try FileManager.default.attributesOfItem(atPath: folder + "/state.json")[.size] as? Int ?? 0
                for index in 0..<20 { try await cloud.create("late-\(1000 + index)") }
                let log = try FileManager.default.attributesOfItem(atPath: folder + "/state.json.log")[.size] as? Int
                #expect((log ?? size) < size)
            }
            let secrets = try JSONDecoder().decode(
                [String].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/secrets.json")))
            #expect(secrets.count == 10_022 && Set(secrets).count == 10_022)
        }
    }

    /// Copies state file and log as they are at one moment, although they are being written.
    private static func freeze(_ path: String, _ folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func read(_ end: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path + end)) }
        func generation(_ data: Data) -> Int? {
            let head = data.prefix { $0 != UInt8(ascii: "\n") }
            return (try? JSONSerialization.jsonObject(with: head) as? [String: Any])?["generation"] as? Int
        }
        while true {
            let (before, state, after) = (try read(".log"), try read(""), try read(".log"))
            guard after.starts(with: before), generation(state) == generation(after) else { continue }
            try state.write(to: URL(fileURLWithPath: folder + "/state.json"))
            try after.write(to: URL(fileURLWithPath: folder + "/state.json.log"))
            return
        }
    }

    @Test("a job that was cut off at any point goes on from the files and makes each device once")
    func cutOff() async throws {
        try await withTemporaryFolder { folder in
            func configuration(_ name: String) -> CloudConfiguration {
                RunningCloud.configuration {
                    $0.stateFile = "\(folder)/\(name)/state.json"
                    $0.batchDelayMilliseconds = 1
                }
            }
            // Copies of the files at several moments stand for kills: nothing of the running process is in them.
            let id = try await RunningCloud.with(configuration("live")) { cloud async throws in
                let id = try applyID(try await check((0..<2000).map { "unit-\(10_000 + $0)" }, cloud))
                _ = try await settle(id, cloud)
                _ = try await register(id, cloud)
                for copy in 0..<4 {
                    try Self.freeze("\(folder)/live/state.json", "\(folder)/copy\(copy)")
                    try await cloud.create("other-\(1000 + copy)")
                }
                return id
            }
            for copy in 0..<4 {
                try await RunningCloud.with(configuration("copy\(copy)")) { cloud async throws in
                    #expect(try await settle(id, cloud).data["Status"] as? String == "CREATE_SUCCESS", "copy \(copy)")
                    let made = try await cloud.admin.devices().filter { $0.deviceName.hasPrefix("unit-") }
                    #expect(made.count == 2000 && Set(made.map(\.iotID)).count == 2000)
                    let others = try await cloud.admin.devices().count { $0.deviceName.hasPrefix("other-") }
                    #expect(others == copy)
                }
            }
        }
    }
}
