import Foundation
import Provisioning
import Testing

@testable import Simulation

@Suite("Cloud stand-in: lists, products, imports, limits")
struct CloudListTests {
    private let key = RunningCloud.productKey

    @Test("devices are listed by status and counted, newest first")
    func byStatus() async throws {
        try await RunningCloud.with { cloud async throws in
            for index in 1...4 { try await cloud.create("unit-000\(index)") }
            let secret = try await cloud.secret(of: "unit-0001")
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 0)
            _ = try await cloud.call("DisableThing", ["ProductKey": key, "DeviceName": "unit-0002"])
            _ = try await cloud.eventually { try await cloud.detail("unit-0001")["Status"] as? String == "OFFLINE" }
            @Sendable func names(_ status: String, _ page: [String: String] = [:]) async throws -> [String] {
                let answer = try await cloud.call(
                    "QueryDeviceByStatus", ["ProductKey": key, "Status": status].merging(page) { $1 })
                let rows = answer.data["SimpleDeviceInfo"] as? [[String: Any]] ?? []
                #expect(answer.json["Total"] is Int && answer.json["PageCount"] is Int)
                #expect(rows.allSatisfy { ($0["GmtCreate"] as? String)?.hasSuffix(" GMT") == true })
                return rows.map { $0["DeviceName"] as? String ?? "?" }
            }
            #expect(try await names("0") == ["unit-0004", "unit-0003"])
            #expect(try await names("0", ["PageSize": "1", "CurrentPage": "2"]) == ["unit-0003"])
            #expect(try await names("3") == ["unit-0001"])
            #expect(try await names("8") == ["unit-0002"])
            #expect(try await names("1") == [])
            try await RawConnect.device("unit-0001", secret: secret).open(cloud) { _ async throws in
                #expect(try await names("1") == ["unit-0001"])
                let counted = try await cloud.call("QueryDeviceStatistics", ["ProductKey": key])
                #expect(
                    counted.data as NSDictionary == ["deviceCount": 4, "activeCount": 1, "onlineCount": 1])
            }
            let wrong = try await cloud.call("QueryDeviceByStatus", ["ProductKey": key, "Status": "2"])
            #expect(wrong.code == "iot.common.InvalidFormattedParameter")
        }
    }

    @Test("details of many devices leave out what is unknown and the fields that only one device's answer has")
    func details() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let answer = try await cloud.call(
                "BatchQueryDeviceDetail",
                ["ProductKey": key, "DeviceName.1": "unit-0009", "DeviceName.2": "unit-0001"])
            let rows = answer.data["Data"] as? [[String: Any]] ?? []
            #expect(rows.count == 1 && rows.first?["UtcActive"] as? String == "")
            for left in ["GmtOnline", "UtcOnline", "IpAddress", "Owner"] { #expect(rows.first?[left] == nil) }
            var many = ["ProductKey": key]
            for index in 1...101 { many["DeviceName.\(index)"] = "unit-\(index)" }
            #expect(
                try await cloud.call("BatchQueryDeviceDetail", many, place: .body).code
                    == "iot.common.InvalidFormattedParameter")
        }
    }

    @Test("products are listed, made and renamed; a made one keeps its secret over a restart, its switch off")
    func products() async throws {
        try await withTemporaryFolder { folder in
            let configuration = RunningCloud.configuration { $0.stateFile = folder + "/state.json" }
            let made = try await RunningCloud.with(configuration) { cloud async throws in
                let made = try await cloud.call("CreateProduct", ["ProductName": "灯 Lamp", "NodeType": "0"])
                let product = made.data["ProductKey"] as? String ?? ""
                #expect(made.json["ProductKey"] as? String == product)
                let secret = made.data["ProductSecret"] as? String ?? ""
                #expect(!product.isEmpty && secret.count == 16)
                let again = try await cloud.call("CreateProduct", ["ProductName": "灯 Lamp", "NodeType": "0"])
                #expect(again.json["Success"] as? Bool == false)
                let renamed = try await cloud.call("UpdateProduct", ["ProductKey": product, "ProductName": "Lamp 2"])
                #expect(renamed.json["Success"] as? Bool == true)
                _ = try await cloud.call("RegisterDevice", ["ProductKey": product, "DeviceName": "lamp-1"])
                return [product, secret]
            }
            try await RunningCloud.with(configuration) { cloud async throws in
                let list = try await cloud.call("QueryProductList", ["CurrentPage": "1", "PageSize": "200"])
                let rows = (list.data["List"] as? [String: Any])?["ProductInfo"] as? [[String: Any]] ?? []
                #expect(Set(rows.map { $0["ProductName"] as? String }) == ["Thermometer", "Lamp 2"])
                #expect(list.data["Total"] as? Int == 2 && rows.allSatisfy { $0["ProductSecret"] == nil })
                let secret = Secret(made[1])
                let off = try await cloud.register("lamp-1", product: made[0], secret: secret)
                #expect(off.json["code"] as? Int == 6288)
                try await cloud.admin.turnSwitch(product: made[0], on: true)
                let on = try await cloud.register("lamp-1", product: made[0], secret: secret)
                #expect(on.json["code"] as? Int == 200)
            }
        }
    }

    @Test("an imported device keeps its own secret; tags are merged and bounded")
    func imports() async throws {
        try await RunningCloud.with { cloud async throws in
            let given = ["ProductKey": key, "DeviceName": "unit-0001", "DeviceSecret": "own.secret:1", "Sn": "SN1"]
            let made = try await cloud.call("ImportDevice", given)
            #expect(made.data["DeviceSecret"] as? String == "own.secret:1" && made.data["Sn"] as? String == "SN1")
            #expect(try await RawConnect.device("unit-0001", secret: Secret("own.secret:1")).code(cloud) == 0)
            #expect(try await cloud.call("ImportDevice", given).code == "iot.device.AlreadyExistedDeviceName")
            func save(_ props: String) async throws -> Bool? {
                let device = ["ProductKey": key, "DeviceName": "unit-0001", "Props": props]
                return try await cloud.call("SaveDeviceProp", device, place: .body).json["Success"] as? Bool
            }
            #expect(try await save(#"{"lot":"A1","line":3}"#) == true)
            #expect(try await save(#"{"lot":"A2"}"#) == true)
            #expect(try await save("[1]") == false)
            let many = (0..<100).map { "\"tag\($0)\":\"x\"" }.joined(separator: ",")
            #expect(try await save("{\(many)}") == false)
            #expect(try await save(#"{"long":"\#(String(repeating: "x", count: 5200))"}"#) == false)
            let read = try await cloud.call("QueryDeviceProp", ["ProductKey": key, "DeviceName": "unit-0001"])
            #expect(read.json["Props"] as? String == #"{"line":"3","lot":"A2"}"#)
        }
    }

    @Test(
        "each action has its published calls a second",
        arguments: [
            ("RegisterDevice", 30), ("BatchCheckDeviceNames", 10), ("BatchRegisterDeviceWithApplyId", 500),
            ("BatchRegisterDevice", 10), ("QueryBatchRegisterDeviceStatus", 30), ("QueryPageByApplyId", 50),
            ("QueryDevice", 50), ("QueryDeviceDetail", 50), ("BatchQueryDeviceDetail", 5), ("QueryDeviceInfo", 500),
            ("GetDeviceStatus", 500), ("BatchGetDeviceState", 50), ("QueryDeviceByStatus", 50),
            ("QueryDeviceStatistics", 50), ("QueryDeviceBySQL", 10), ("ResetThing", 500), ("DeleteDevice", 500),
            ("EnableThing", 500), ("DisableThing", 500), ("SaveDeviceProp", 50), ("QueryProduct", 50),
            ("QueryProductList", 50), ("CreateProduct", 50), ("UpdateProduct", 10), ("QueryClientIds", 10),
            ("TransformClientId", 10), ("DeleteClientIds", 10), ("ListDistributedDevice", 5),
            ("ListDeviceDistributeJob", 5), ("ImportDevice", 50), ("BatchImportDevice", 10),
            ("BatchCheckImportDevice", 100), ("QueryImportedDeviceByApplyId", 50), ("ReleaseProduct", 50),
        ])
    func limits(action: String, calls: Int) throws {
        let known = try #require(OpenAPIAction.catalogue[action])
        #expect(known.callsPerSecond == calls)
        let ledger = CallLedger()
        let taken = (0..<600).map { _ in ledger.count(action: known, now: 5_999) }
        #expect(taken.count { $0 } == calls)
        #expect(ledger.count(action: known, now: 6_000))
        let deep = (0..<10).map { _ in ledger.count(action: known, deep: true, now: 6_000) }
        #expect(deep.count { $0 } == 2)
    }

    @Test("all access keys of the account share the calls of one second")
    func shared() async throws {
        var configuration = RunningCloud.configuration { $0.qpsLimits = true }
        configuration.accessKeys.append(.init(id: "LTAI5tSecond", secret: RunningCloud.accessKeySecret))
        try await RunningCloud.with(configuration) { cloud async throws in
            let started = ContinuousClock.now
            let codes = try await withThrowingTaskGroup(of: String?.self) { group in
                for index in 0..<60 {
                    group.addTask {
                        try await cloud.call(
                            "BatchQueryDeviceDetail", ["ProductKey": key, "DeviceName.1": "unit-0001"],
                            change: { if index.isMultiple(of: 2) { $0["AccessKeyId"] = "LTAI5tSecond" } }
                        ).code
                    }
                }
                return try await group.reduce(into: [String?]()) { $0.append($1) }
            }
            // Five in each second of the clock that the calls touched.
            let seconds = Int(started.duration(to: .now) / .seconds(1)) + 2
            #expect(codes.count { $0 == "" } <= 5 * seconds)
            #expect(Set(codes).isSubset(of: ["", "Throttling.Api"]))
        }
    }

    @Test("registration connections count among the connects a minute, too many are CONNACK 4")
    func registrationConnects() async throws {
        try await RunningCloud.with(RunningCloud.configuration { $0.connectsPerMinute = 5 }) { cloud async throws in
            try await cloud.create("unit-0001")
            var codes: [Int] = []
            for _ in 0..<6 { codes.append(try await RawConnect.registration("unit-0001").code(cloud)) }
            #expect(codes == [0, 0, 0, 0, 0, 4])
            // Another device is not held back, one that its registration made neither.
            for _ in 0..<4 { #expect(try await PushedClient.register("unit-0002", cloud) != nil) }
            let last = try #require(try await PushedClient.register("unit-0002", cloud))
            #expect(try await last.connect().code(cloud) == 3)
        }
    }
}
