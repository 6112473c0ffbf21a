import Foundation
import Provisioning
import Testing

@testable import Simulation

@Suite("Cloud stand-in: product settings and the limit of devices")
struct CloudProductTests {
    private let key = RunningCloud.productKey

    @Test(
        "a product is shown as published or not, and with its kind of authentication",
        arguments: CloudConfiguration.Product.Status.allCases, CloudConfiguration.Product.AuthType.allCases)
    func shown(status: CloudConfiguration.Product.Status, authType: CloudConfiguration.Product.AuthType) async throws {
        var configuration = RunningCloud.configuration()
        (configuration.products[0].status, configuration.products[0].authType) = (status, authType)
        try await RunningCloud.with(configuration) { cloud async throws in
            let product = try await cloud.call("QueryProduct", ["ProductKey": key]).data
            #expect(product["ProductStatus"] as? String == status.rawValue)
            #expect(product["AuthType"] as? String == authType.rawValue)
            #expect(product["Id2"] as? Bool == (authType == .id2))
            let list = try await cloud.call("QueryProductList", ["CurrentPage": "1", "PageSize": "10"]).data
            let rows = (list["List"] as? [String: Any])?["ProductInfo"] as? [[String: Any]]
            #expect(rows?.map { $0["AuthType"] as? String } == [authType.rawValue])
            // Shown only: its devices register as any other's.
            try await cloud.create("unit-0001")
            #expect(try await cloud.register("unit-0001").json["code"] as? Int == 200)
        }
    }

    @Test("a product that was made is in development until it is released, over a restart too")
    func released() async throws {
        try await withTemporaryFolder { folder in
            let configuration = RunningCloud.configuration { $0.stateFile = folder + "/state.json" }
            @Sendable func status(_ product: String, _ cloud: RunningCloud) async throws -> String? {
                try await cloud.call("QueryProduct", ["ProductKey": product]).data["ProductStatus"] as? String
            }
            let products = try await RunningCloud.with(configuration) { cloud async throws in
                var products: [String] = []
                for name in ["Lamp 1", "Lamp 2"] {
                    let made = try await cloud.call(
                        "CreateProduct", ["ProductName": name, "NodeType": "1", "AuthType": "id2"])
                    #expect(made.data["AuthType"] as? String == "id2")
                    products.append(try #require(made.json["ProductKey"] as? String))
                    #expect(try await status(products[products.count - 1], cloud) == "DEVELOPMENT_STATUS")
                }
                let released = try await cloud.call("ReleaseProduct", ["ProductKey": products[0]])
                #expect(released.json["Success"] as? Bool == true)
                return products
            }
            try await RunningCloud.with(configuration) { cloud async throws in
                #expect(try await status(products[0], cloud) == "RELEASE_STATUS")
                #expect(try await status(products[1], cloud) == "DEVELOPMENT_STATUS")
                let other = try await cloud.call(
                    "CreateProduct", ["ProductName": "Lamp 3", "NodeType": "0", "AuthType": "x"])
                #expect(other.code == "iot.common.InvalidFormattedParameter")
                // A gateway's device is shown as one.
                let device = ["ProductKey": products[0], "DeviceName": "gate-1"]
                _ = try await cloud.call("RegisterDevice", device)
                #expect(try await cloud.call("QueryDeviceDetail", device).data["NodeType"] as? Int == 1)
            }
        }
    }

    @Test("a check of names in a product with X.509 certificates takes a thousand, the rest is dropped")
    func certificates() async throws {
        var configuration = RunningCloud.configuration { $0.batchDelayMilliseconds = 0 }
        configuration.products[0].authType = .x509
        try await RunningCloud.with(configuration) { cloud async throws in
            var parameters = ["ProductKey": key]
            for index in 1...1001 { parameters["DeviceName.\(index)"] = "unit-\(1000 + index)" }
            parameters["DeviceName.1001"] = "not good"
            let checked = try await cloud.call("BatchCheckDeviceNames", parameters, place: .body)
            let invalid = checked.data["InvalidDeviceNameList"] as? [String: [String]]
            #expect(invalid == ["InvalidDeviceName": []])
        }
    }

    @Test("with a limit, one device too many is refused on every way, and a deleted one makes room")
    func limit() async throws {
        let configuration = RunningCloud.configuration {
            ($0.deviceLimit, $0.batchDelayMilliseconds) = (3, 0)
        }
        try await RunningCloud.with(configuration) { cloud async throws in
            for index in 1...2 { try await cloud.create("unit-000\(index)") }
            #expect(try await PushedClient.register("unit-0003", cloud) != nil)
            let exceeded = "iot.device.DeviceCountExceeded"
            let device = ["ProductKey": key, "DeviceName": "unit-0004"]
            #expect(try await cloud.call("RegisterDevice", device).code == exceeded)
            #expect(try await cloud.call("ImportDevice", device.merging(["DeviceSecret": "a"]) { $1 }).code == exceeded)
            #expect(try await PushedClient.register("unit-0004", cloud) == nil)
            #expect(try await cloud.admin.refusals().map(\.reason).last?.hasPrefix("9003 ") == true)
            // What is there already registers on; a name that exists is told as such.
            #expect(try await PushedClient.register("unit-0003", cloud) != nil)
            #expect(try await cloud.register("unit-0001").json["code"] as? Int == 200)
            let again = ["ProductKey": key, "DeviceName": "unit-0001"]
            #expect(try await cloud.call("RegisterDevice", again).code == "iot.device.AlreadyExistedDeviceName")
            _ = try await cloud.call("DeleteDevice", again)
            #expect(try await cloud.call("RegisterDevice", device).json["Success"] as? Bool == true)
            #expect(try await cloud.admin.devices().count == 3)
        }
    }

    @Test(
        "a batch over the limit makes what fits and fails with the reason for the rest",
        arguments: ["BatchRegisterDevice", "BatchRegisterDeviceWithApplyId", "BatchImportDevice"])
    func batch(action: String) async throws {
        let configuration = RunningCloud.configuration {
            ($0.deviceLimit, $0.batchDelayMilliseconds) = (5, 0)
        }
        try await RunningCloud.with(configuration) { cloud async throws in
            try await cloud.create("unit-0001")
            @Sendable func settle(_ id: String) async throws -> RawAnswer {
                var last: RawAnswer?
                _ = try await cloud.eventually {
                    last = try await cloud.call("QueryBatchRegisterDeviceStatus", ["ProductKey": key, "ApplyId": id])
                    return ["CHECK", "CREATE"].contains(last?.data["Status"] as? String) == false
                }
                return try #require(last)
            }
            var parameters = ["ProductKey": key, "Count": "6"]
            for index in 1...6 {
                parameters["DeviceName.\(index)"] = "name-000\(index)"
                parameters["DeviceList.\(index).DeviceName"] = "name-000\(index)"
                parameters["DeviceList.\(index).DeviceSecret"] = "secret-\(index)"
            }
            if action == "BatchRegisterDeviceWithApplyId" {
                let checked = try await cloud.call("BatchCheckDeviceNames", parameters, place: .body)
                let id = String(try #require(checked.data["ApplyId"] as? Int))
                #expect(try await settle(id).data["Status"] as? String == "CHECK_SUCCESS")
                parameters["ApplyId"] = id
            }
            let started = try await cloud.call(action, parameters, place: .body)
            let id = String(try #require(started.data["ApplyId"] as? Int))
            let failed = try await settle(id)
            #expect(failed.data["Status"] as? String == "CREATE_FAILED")
            let details = (failed.data["InvalidDetailList"] as? [String: Any])?["invalidDetailList"] as? [[String: Any]]
            #expect(
                details?.map { $0["ErrorMsg"] as? String }
                    == ["iot.device.DeviceCountExceeded", "iot.device.DeviceCountExceeded"])
            #expect((failed.data["ValidList"] as? [String: [String]])?["Name"]?.count == 4)
            #expect(try await cloud.admin.devices().count == 5)
        }
    }

    @Test("the limit counts all products of one instance, and each instance for itself")
    func instances() async throws {
        var configuration = RunningCloud.configuration { $0.deviceLimit = 2 }
        let secret = RunningCloud.productSecret
        configuration.products += [
            .init(key: "a1Second000", secret: secret, name: "Second"),
            .init(key: "a1Third0000", secret: secret, name: "Third", instanceID: "iot-060a0bgd"),
        ]
        try await RunningCloud.with(configuration) { cloud async throws in
            func create(_ product: String, _ name: String, _ instance: String? = nil) async throws -> String? {
                var parameters = ["ProductKey": product, "DeviceName": name]
                parameters["IotInstanceId"] = instance
                return try await cloud.call("RegisterDevice", parameters).code
            }
            #expect(try await create(key, "unit-0001") == "")
            #expect(try await create("a1Second000", "unit-0001") == "")
            #expect(try await create(key, "unit-0002") == "iot.device.DeviceCountExceeded")
            #expect(try await create("a1Third0000", "unit-0001", "iot-060a0bgd") == "")
            // Counts without a product are the instance's too.
            let counted = try await cloud.call("QueryDeviceStatistics", ["IotInstanceId": "iot-060a0bgd"])
            #expect(counted.data["deviceCount"] as? Int == 1)
            #expect(try await cloud.call("QueryDeviceStatistics").data["deviceCount"] as? Int == 2)
        }
    }

    @Test("a device's region and instance are told by its name alone; nothing is ever distributed")
    func provisioning() async throws {
        var configuration = RunningCloud.configuration()
        configuration.products[0].instanceID = "iot-060a0bgd"
        try await RunningCloud.with(configuration) { cloud async throws in
            let device = ["ProductKey": key, "DeviceName": "unit-0001"]
            _ = try await cloud.call("RegisterDevice", device.merging(["IotInstanceId": "iot-060a0bgd"]) { $1 })
            let found = try await cloud.call("QueryDeviceProvisioning", device).data
            #expect(found["SourceIotInstanceId"] as? String == "iot-060a0bgd" && found["GmtCreate"] is Int)
            #expect(found["TargetRegion"] as? String == "cn-shanghai")
            let unknown = try await cloud.call(
                "QueryDeviceProvisioning", ["ProductKey": key, "DeviceName": "unit-0002"])
            #expect(unknown.code == "iot.device.NotExistedDevice")
            for action in ["ListDeviceDistributeJob", "ListDistributedDevice"] {
                let page = ["CurrentPage": "1", "PageSize": "200"]
                #expect(try await cloud.call(action, page).data["Total"] as? Int == 0)
                #expect(
                    try await cloud.call(action, ["PageSize": "201"]).code == "iot.common.InvalidPageParams")
            }
        }
    }
}
