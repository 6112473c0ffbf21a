import Foundation
import Testing

@testable import Simulation

@Suite("Cloud stand-in: QueryDeviceBySQL")
struct CloudSearchTests {
    private static let instance = "iot-060a0bgd"
    private let key = RunningCloud.productKey

    /// A stand-in whose product lives in an instance.
    private func with(_ body: @Sendable (RunningCloud) async throws -> Void) async throws {
        var configuration = RunningCloud.configuration()
        configuration.products[0].instanceID = Self.instance
        configuration.products.append(.init(key: "a1OtherOne0", secret: RunningCloud.productSecret, name: "Public"))
        try await RunningCloud.with(configuration, body)
    }

    private func ask(_ sql: String, _ cloud: RunningCloud) async throws -> RawAnswer {
        try await cloud.call("QueryDeviceBySQL", ["IotInstanceId": Self.instance, "SQL": sql])
    }

    private func names(_ sql: String, _ cloud: RunningCloud) async throws -> [String] {
        let rows = try await ask(sql, cloud).json["Data"] as? [[String: Any]] ?? []
        return rows.map { $0["DeviceName"] as? String ?? "?" }
    }

    @Test("devices of the instance are found by what a statement says, newest first")
    func finds() async throws {
        try await with { cloud async throws in
            let place = ["IotInstanceId": Self.instance, "ProductKey": key]
            for index in 1...4 {
                let wanted = ["DeviceName": "unit-000\(index)", "Nickname": "Lamp_\(index)"]
                _ = try await cloud.call("RegisterDevice", place.merging(wanted) { $1 })
            }
            _ = try await cloud.call("RegisterDevice", ["ProductKey": "a1OtherOne0", "DeviceName": "unit-0009"])
            _ = try await cloud.call("DisableThing", place.merging(["DeviceName": "unit-0002"]) { $1 })
            let tags = ["DeviceName": "unit-0003", "Props": #"{"lot":"A1"}"#]
            _ = try await cloud.call("SaveDeviceProp", place.merging(tags) { $1 })
            let start = "SELECT * FROM device WHERE"
            let cases: [(String, [Int])] = [
                ("product_key = \"\(key)\"", [4, 3, 2, 1]), ("product_key = 'a1OtherOne0'", []),
                ("product_key = \"\(key)\" limit 2", [4, 3]), ("product_key = \"\(key)\" limit 1, 2", [3, 2]),
                ("product_key = \"\(key)\" order by gmt_create limit 3", [1, 2, 3]),
                ("product_key = \"\(key)\" ORDER BY gmt_create DESC LIMIT 1", [4]),
                ("status = \"DISABLE\"", [2]), ("status != \"DISABLE\"", [4, 3, 1]),
                ("name LIKE \"unit%\" AND status = \"UNACTIVE\"", [4, 3, 1]), ("nickname = \"Lamp_1\"", [1]),
                ("name = \"unit-0001\" OR name = \"unit-0002\" AND status = \"UNACTIVE\"", [1]),
                ("tag.tag_name = \"lot\" and tag.tag_value = \"A1\"", [3]), ("group.group_id = \"g\"", []),
                ("gmt_create > \"2020-01-01 00:00:00.000\"", [4, 3, 2, 1]),
                ("gmt_create < \"2020-01-01 00:00:00.000\"", []), ("active_time > \"2020-01-01 00:00:00.000\"", []),
            ]
            for (condition, indices) in cases {
                #expect(
                    try await names("\(start) \(condition)", cloud) == indices.map { "unit-000\($0)" }, "\(condition)")
            }
            let count = try await ask("select count(*) from device where status = \"UNACTIVE\"", cloud)
            #expect(count.json["TotalCount"] as? Int == 3 && count.json["Data"] == nil)
        }
    }

    @Test("a row has the fields asked for and always the IotId; what a device has not is left out")
    func fields() async throws {
        try await with { cloud async throws in
            let device = ["IotInstanceId": Self.instance, "ProductKey": key, "DeviceName": "unit-0001"]
            let made = try await cloud.call("RegisterDevice", device).data
            _ = try await cloud.call("SaveDeviceProp", device.merging(["Props": #"{"lot":"A1"}"#]) { $1 })
            func row(_ fields: String) async throws -> [String: Any] {
                let answer = try await ask("SELECT \(fields) FROM device WHERE name = \"unit-0001\"", cloud)
                return (answer.json["Data"] as? [[String: Any]])?.first ?? [:]
            }
            let all = try await row("*")
            #expect(
                Set(all.keys) == ["IotId", "ProductKey", "DeviceName", "Status", "GmtCreate", "GmtModified", "Tags"])
            #expect(all["IotId"] as? String == made["IotId"] as? String)
            #expect(all["Tags"] as? [[String: String]] == [["TagName": "lot", "TagValue": "A1"]])
            let time = all["GmtCreate"] as? String ?? ""
            #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/) != nil)
            #expect(try await Set(row("name, status").keys) == ["IotId", "DeviceName", "Status"])
        }
    }

    @Test("without an instance it is not offered, and a bad statement is refused")
    func refused() async throws {
        try await with { cloud async throws in
            let sql = "SELECT * FROM device WHERE product_key = \"\(key)\""
            #expect(
                try await cloud.call("QueryDeviceBySQL", ["SQL": sql]).code
                    == "iot.common.APINotSupportedInInstance")
            #expect(try await cloud.call("QueryDeviceBySQL").code == "MissingSQL")
            #expect(try await ask("DROP TABLE device", cloud).code == "iot.common.InvalidFormattedParameter")
        }
    }

    @Test(
        "statements outside the documented form are not read",
        arguments: [
            "", "SELECT * FROM device", "SELECT * FROM devices WHERE name = \"a\"",
            "SELECT secret FROM device WHERE name = \"a\"", "SELECT * FROM device WHERE name = a",
            "SELECT * FROM device WHERE name = \"a", "SELECT * FROM device WHERE name > \"a\"",
            "SELECT * FROM device WHERE name LIKE \"uni%\"", "SELECT * FROM device WHERE name LIKE \"%unit\"",
            "SELECT * FROM device WHERE name LIKE \"un%it%\"", "SELECT * FROM device WHERE gmt_create > \"2020-01-01\"",
            "SELECT * FROM device WHERE gmt_create LIKE \"2020%\"",
            "SELECT * FROM device WHERE (name = \"a\")", "SELECT * FROM device WHERE name = \"a\" ORDER BY name",
            "SELECT * FROM device WHERE name = \"a\" LIMIT 51", "SELECT * FROM device WHERE name = \"a\" LIMIT 0",
            "SELECT * FROM device WHERE name = \"a\" LIMIT 9951, 50",
            "SELECT * FROM device WHERE name = \"a\" LIMIT 9999999999999999999, 1",
            "SELECT * FROM device WHERE name = \"a\" LIMIT 5 OFFSET 5", "SELECT * FROM device WHERE name = \"a\";",
            "SELECT * FROM device WHERE name = \"a\" AND", "SELECT count(name) FROM device WHERE name = \"a\"",
            "SELECT * FROM device WHERE name = \"" + String(repeating: "a", count: 400) + "\"",
            "SELECT * FROM device WHERE name=\"a\"" + String(repeating: " OR name=\"a\"", count: 5),
        ])
    func unread(statement: String) {
        #expect(throws: BusinessError.self) { try DeviceQuery(statement) }
    }

    @Test("a statement at the limits is read")
    func limits() throws {
        let query = try DeviceQuery(
            "select iot_id,name from device where name='a'" + String(repeating: " or name = 'b'", count: 4)
                + " order by active_time asc limit 9950, 50")
        #expect(query.alternatives.count == 5 && query.offset == 9950 && query.limit == 50)
        #expect(query.order?.isDescending == false)
    }
}
