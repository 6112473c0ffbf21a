import AliyunIoT
import Foundation
import NIOHTTP1
import Provisioning
import Simulation
import Testing

@Suite("Cloud stand-in: OpenAPI")
struct CloudOpenAPITests {
    private let key = RunningCloud.productKey

    @Test("the station's own client registers a device and reads it back over HTTPS")
    func ownClient() async throws {
        try await RunningCloud.with { running async throws in
            let client = try OpenAPIClient(
                cloud: running.cloud(),
                accessKey: AccessKey(id: RunningCloud.accessKeyID, secret: RunningCloud.accessKeySecret),
                limiter: RateLimiter(perSecond: 100, burst: 100), deadline: .seconds(30))
            do {
                #expect(try await client.queryDeviceDetail(productKey: key, deviceName: "AABBCCDDEE01") == nil)
                let device = try await client.registerDevice(productKey: key, deviceName: "AABBCCDDEE01")
                let reading = try await client.queryDeviceDetail(productKey: key, deviceName: "AABBCCDDEE01")
                #expect(reading?.iotID == device.iotID)
                #expect(reading?.state == .unactive)
                #expect(reading?.activatedAt == nil)
                #expect(reading?.onlineAt == nil)
                #expect(reading?.cloudDate != nil)
                let error = await #expect(throws: CloudError.self) {
                    try await client.registerDevice(productKey: key, deviceName: "AABBCCDDEE01")
                }
                #expect(error?.code == .alreadyExists)
                #expect(
                    try await client.getDeviceStatus(productKey: key, deviceName: "AABBCCDDEE01").state == .unactive)
                let product = try await client.queryProduct(productKey: key)
                #expect(product.deviceCount == 1)
                #expect(product.isReleased)
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
        }
    }

    @Test(
        "GET and POST, query and body, all carry a call",
        arguments: [
            (HTTPMethod.GET, RunningCloud.Place.query), (.POST, .query), (.POST, .body),
        ])
    func places(method: HTTPMethod, place: RunningCloud.Place) async throws {
        try await RunningCloud.with { cloud async throws in
            let parameters = ["ProductKey": key, "DeviceName": "dev@1.a:b_c-D"]
            let answer = try await cloud.call("RegisterDevice", parameters, method: method, place: place)
            #expect(answer.status == 200)
            #expect(answer.json["Success"] as? Bool == true)
            #expect(answer.code == "")
            #expect(answer.data["DeviceName"] as? String == "dev@1.a:b_c-D")
            #expect((answer.data["DeviceSecret"] as? String)?.count == 32)
            let id = answer.json["RequestId"] as? String
            #expect(id.flatMap { UUID(uuidString: $0) } != nil && id == id?.uppercased())
        }
    }

    @Test("a wrong signature tells the string to sign after the message's only colon")
    func wrongSignature() async throws {
        try await RunningCloud.with { cloud async throws in
            let answer = try await cloud.call("QueryProduct", ["ProductKey": key], secret: Secret("another"))
            #expect(answer.status == 400)
            #expect(answer.code == "SignatureDoesNotMatch")
            let parts = (answer.json["Message"] as? String ?? "").components(separatedBy: ":")
            #expect(parts.count == 2)
            #expect(parts[0] == "Specified signature is not matched with our calculation. server string to sign is")
            #expect(parts[1].hasPrefix("POST&%2F&AccessKeyId%3D"))
            #expect(answer.json["HostId"] != nil && answer.json["RequestId"] != nil)
            #expect(answer.headers.first(name: "Content-Type")?.contains("json") == true)
        }
    }

    @Test(
        "a missing common parameter is named",
        arguments: ["Action", "Version", "AccessKeyId", "Signature", "SignatureMethod", "SignatureNonce", "Timestamp"])
    func missing(name: String) async throws {
        try await RunningCloud.with { cloud async throws in
            let answer = try await cloud.call("QueryProduct", ["ProductKey": key], afterSigning: { $0[name] = nil })
            #expect(answer.status == 400)
            #expect(answer.code == "Missing\(name)")
            #expect(answer.json["Message"] as? String == "\(name) is mandatory for this action.")
        }
    }

    @Test("the gateway's other refusals have their status and code")
    func gateway() async throws {
        try await RunningCloud.with { cloud async throws in
            let unknownKey = try await cloud.call("QueryProduct", change: { $0["AccessKeyId"] = "nobody" })
            #expect((unknownKey.status, unknownKey.code) == (404, "InvalidAccessKeyId.NotFound"))
            let unknownAction = try await cloud.call("QueryEverything")
            #expect((unknownAction.status, unknownAction.code) == (404, "InvalidApi.NotFound"))
            let badTime = try await cloud.call("QueryProduct", change: { $0["Timestamp"] = "yesterday" })
            #expect((badTime.status, badTime.code) == (400, "InvalidTimeStamp.Format"))
            for offset in [-16.0 * 60, 16.0 * 60] {
                let stale = try await cloud.call(
                    "QueryProduct", change: { $0["Timestamp"] = RunningCloud.timestamp(offset: offset) })
                #expect((stale.status, stale.code) == (400, "InvalidTimeStamp.Expired"))
            }
            let fresh = try await cloud.call(
                "QueryProduct", ["ProductKey": key],
                change: { $0["Timestamp"] = RunningCloud.timestamp(offset: -14 * 60) })
            #expect(fresh.status == 200)
            let noProduct = try await cloud.call("QueryProduct")
            #expect((noProduct.status, noProduct.code) == (400, "MissingProductKey"))
            let method = try await cloud.call("QueryProduct", change: { $0["SignatureMethod"] = "HMAC-MD5" })
            #expect((method.status, method.code) == (400, "InvalidSignatureMethod"))
            let nonce = UUID().uuidString
            let first = try await cloud.call(
                "QueryProduct", ["ProductKey": key], change: { $0["SignatureNonce"] = nonce })
            let second = try await cloud.call(
                "QueryProduct", ["ProductKey": key], change: { $0["SignatureNonce"] = nonce })
            #expect(first.status == 200)
            #expect((second.status, second.code) == (400, "SignatureNonceUsed"))
            let verb = try await cloud.call("QueryProduct", ["ProductKey": key], method: .PUT)
            #expect(verb.code == "UnsupportedHTTPMethod")
        }
    }

    @Test("business refusals are HTTP 200 with Success false")
    func business() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let cases: [(String, [String: String], String)] = [
                (
                    "RegisterDevice", ["ProductKey": key, "DeviceName": "unit-0001"],
                    "iot.device.AlreadyExistedDeviceName"
                ),
                ("RegisterDevice", ["ProductKey": key, "DeviceName": "abc"], "iot.device.InvalidFormattedDeviceName"),
                (
                    "RegisterDevice", ["ProductKey": key, "DeviceName": "a b c d"],
                    "iot.device.InvalidFormattedDeviceName"
                ),
                ("RegisterDevice", ["ProductKey": "a1Nowhere00"], "iot.prod.NotExistedProduct"),
                ("QueryDeviceDetail", ["ProductKey": key, "DeviceName": "unit-0002"], "iot.device.NotExistedDevice"),
                ("QueryDeviceDetail", ["ProductKey": key], "iot.device.NullDeviceName"),
                ("QueryDeviceDetail", ["IotId": "nothing"], "iot.device.NotExistedDevice"),
                ("QueryDeviceDetail", ["IotId": "no/thing"], "iot.device.InvalidIoTId"),
                ("QueryProduct", ["ProductKey": "a1-Nowhere"], "iot.prod.InvalidFormattedProductkey"),
                ("GetDeviceStatus", [:], "iot.prod.NullProductKey"),
                ("QueryDevice", ["ProductKey": key, "PageSize": "51"], "iot.common.InvalidPageParams"),
                (
                    "QueryDevice", ["ProductKey": key, "PageSize": "50", "CurrentPage": "201"],
                    "iot.common.InvalidPageParams"
                ),
                ("BatchGetDeviceState", ["ProductKey": key], "iot.device.NoneDeviceNameElement"),
            ]
            for (action, parameters, code) in cases {
                let answer = try await cloud.call(action, parameters)
                #expect(answer.status == 200, "\(action)")
                #expect(answer.json["Success"] as? Bool == false)
                #expect(answer.code == code, "\(action) \(parameters)")
                #expect(answer.json["ErrorMessage"] as? String != "")
            }
        }
    }

    @Test("a product of an instance is found only where the instance is named")
    func instances() async throws {
        var configuration = RunningCloud.configuration()
        configuration.products[0].instanceID = "iot-060a0bgd"
        try await RunningCloud.with(configuration) { cloud async throws in
            let without = try await cloud.call("QueryProduct", ["ProductKey": key])
            #expect(without.code == "iot.prod.NotExistedProduct")
            let with = try await cloud.call("QueryProduct", ["ProductKey": key, "IotInstanceId": "iot-060a0bgd"])
            #expect(with.json["Success"] as? Bool == true)
        }
    }

    @Test("reading calls have the platform's fields and times")
    func fields() async throws {
        try await RunningCloud.with { cloud async throws in
            let iotID = try await cloud.create("unit-0001")
            let detail = try await cloud.detail("unit-0001")
            #expect(detail["Status"] as? String == "UNACTIVE")
            #expect(detail["UtcActive"] as? String == "" && detail["UtcOnline"] as? String == "")
            #expect(detail["GmtActive"] as? String == "" && detail["NodeType"] as? Int == 0)
            let utc = detail["UtcCreate"] as? String ?? ""
            #expect(utc.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            #expect((detail["GmtCreate"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/) != nil)
            let byID = try await cloud.call("QueryDeviceInfo", ["IotId": iotID, "DeviceName": "another"])
            #expect(byID.data["DeviceName"] as? String == "unit-0001")
            #expect(byID.data["DeviceSecret"] as? String == detail["DeviceSecret"] as? String)
            let status = try await cloud.call("GetDeviceStatus", ["IotId": iotID])
            #expect(status.data["Status"] as? String == "UNACTIVE" && status.data["Timestamp"] is Int)
            let batch = try await cloud.call(
                "BatchGetDeviceState",
                ["ProductKey": key, "DeviceName.1": "unit-0001", "DeviceName.2": "unit-9999"])
            let list = (batch.json["DeviceStatusList"] as? [String: Any])?["DeviceStatus"] as? [[String: Any]]
            #expect(list?.map { $0["DeviceName"] as? String } == ["unit-0001"])
            #expect(list?.first?["Status"] as? String == "UNACTIVE" && list?.first?["IotId"] as? String == iotID)
            #expect(list?.first?["Timestamp"] is Int && list?.first?["LastOnlineTime"] as? String == "")
            let product = try await cloud.call("QueryProduct", ["ProductKey": key])
            #expect(product.data["DeviceCount"] as? Int == 1 && product.data["GmtCreate"] is Int)
            #expect(product.data["ProductStatus"] as? String == "RELEASE_STATUS")
        }
    }

    @Test("QueryDevice pages newest first, by number and by token")
    func paging() async throws {
        try await RunningCloud.with { cloud async throws in
            for index in 1...7 { try await cloud.create("unit-000\(index)") }
            let first = try await cloud.call("QueryDevice", ["ProductKey": key, "PageSize": "3"])
            func names(_ answer: RawAnswer) -> [String] {
                (answer.data["DeviceInfo"] as? [[String: Any]] ?? []).compactMap { $0["DeviceName"] as? String }
            }
            #expect(names(first) == ["unit-0007", "unit-0006", "unit-0005"])
            #expect(first.json["Total"] as? Int == 7 && first.json["PageCount"] as? Int == 3)
            let last = try await cloud.call("QueryDevice", ["ProductKey": key, "PageSize": "3", "CurrentPage": "3"])
            #expect(names(last) == ["unit-0001"])
            #expect(last.json["NextToken"] == nil)
            let past = try await cloud.call("QueryDevice", ["ProductKey": key, "PageSize": "3", "CurrentPage": "4"])
            #expect(names(past).isEmpty)
            var token = first.json["NextToken"] as? String
            // A device created while paging does not shift the pages of a token.
            try await cloud.create("unit-0008")
            var rest: [String] = []
            while let next = token {
                let page = try await cloud.call("QueryDevice", ["ProductKey": key, "PageSize": "3", "NextToken": next])
                rest += names(page)
                token = page.json["NextToken"] as? String
            }
            #expect(rest == ["unit-0004", "unit-0003", "unit-0002", "unit-0001"])
            let row = (first.data["DeviceInfo"] as? [[String: Any]])?.first
            #expect((row?["GmtCreate"] as? String)?.hasSuffix(" GMT") == true)
        }
    }

    @Test("a deleted name can be created again and has another IotId")
    func delete() async throws {
        try await RunningCloud.with { cloud async throws in
            let old = try await cloud.create("unit-0001")
            let deleted = try await cloud.call("DeleteDevice", ["IotId": old])
            #expect(deleted.json["Success"] as? Bool == true)
            let again = try await cloud.call("DeleteDevice", ["IotId": old])
            #expect(again.code == "iot.device.NotExistedDevice")
            let new = try await cloud.create("unit-0001")
            #expect(new != old && !new.isEmpty)
            #expect(try await cloud.call("QueryDeviceInfo", ["IotId": old]).code == "iot.device.NotExistedDevice")
        }
    }

    @Test("with limits on, the calls of one second are bounded")
    func limits() async throws {
        try await RunningCloud.with(RunningCloud.configuration { $0.qpsLimits = true }) { cloud async throws in
            let codes = try await withThrowingTaskGroup(of: String?.self) { group in
                for index in 0..<120 {
                    group.addTask {
                        try await cloud.call("RegisterDevice", ["ProductKey": key, "DeviceName": "unit-\(index)"]).code
                    }
                }
                return try await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(codes.contains(""))
            #expect(Set(codes).isSubset(of: ["", "Throttling.Api"]))
        }
    }
}
