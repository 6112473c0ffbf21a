import Locking
import AliyunIoT
import Foundation
import Testing

@Suite("OpenAPI: batches, lists, changes", .timeLimit(.minutes(2)))
struct OpenAPIActionsTests {
    static let secret = "0123456789abcdef0123456789abcdef"

    /// Everything a value shows when it is dumped.
    private func dumped(_ value: Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    @Test("a check reads the misspelt lists, and merges names with their reasons", arguments: Cloud.Signature.allCases)
    func check(_ signature: Cloud.Signature) async throws {
        let server = StubServer { _, _ in
            .success(
                #"{"ApplyId":1295006,"InvalidDeviceNameList":{"InvalidDeviceName":["D1","D2"]},"#
                    + #""InvalidDeviceNicknameList":{"InvalidDeviceNickname":[]},"InvalidDetailList":"#
                    + #"{"InvalidDetailList":[{"DeviceName":"D2","NickName":"","ErrorMsg":"used\nalready"}]},"#
                    + #""RepeatedDeviceNameList":{"RepeatDevieNameList":["D3"]}}"#)
        }
        let check = try await server.withClient(signature: signature) {
            try await $0.batchCheckDeviceNames(productKey: "a1", deviceNames: ["D1", "D2", "AA:BB"])
        }
        #expect(check.applyID == 1_295_006 && check.repeated == ["D3"])
        #expect(
            check.invalid == [
                RefusedName(deviceName: "D2", reason: "used already"), RefusedName(deviceName: "D1", reason: ""),
            ])
        let request = try #require(server.requests.now.first)
        #expect(request.body == "DeviceName.1=D1&DeviceName.2=D2&DeviceName.3=AA%3ABB")
        #expect(request["ProductKey"] == "a1")
        #expect((request["Signature"] == nil) == (signature == .acs3))
    }

    @Test("a list with an element that cannot be read is an error, not a shorter list")
    func brokenList() async throws {
        for data in [
            #"{"ApplyId":1,"InvalidDeviceNameList":{"InvalidDeviceName":["D1",7]}}"#,
            #"{"ApplyId":1,"InvalidDetailList":{"InvalidDetailList":[{"ErrorMsg":"x"}]}}"#,
        ] {
            let server = StubServer { _, _ in .success(data) }
            let error = await #expect(throws: CloudError.self) {
                try await server.withClient {
                    try await $0.batchCheckDeviceNames(productKey: "a1", deviceNames: ["D1"])
                }
            }
            #expect(error?.code == .unexpected)
        }
    }

    @Test(
        "tags are read; none is no tag, and what cannot be read is an error",
        arguments: [
            (#","Props":"{\"ps.1\":\"7.a.b\",\"lot\":\"A1\"}""#, ["ps.1": "7.a.b", "lot": "A1"]),
            (#","Props":"{}""#, [:]), (#","Props":"""#, [:]), (#","Props":null"#, [:]), ("", [:]),
            (#","Props":"{\"ps.1\":7}""#, nil), (#","Props":"[]""#, nil), (#","Props":"{\"ps.1\":\"7"#, nil),
            (#","Props":"<html>""#, nil), (#","Props":{"ps.1":"7"}"#, nil),
        ] as [(String, [String: String]?)])
    func tags(_ props: String, _ expected: [String: String]?) async throws {
        let server = StubServer { _, _ in .reply(200, #"{"RequestId":"R","Success":true\#(props)}"#) }
        do {
            let found = try await server.withClient { try await $0.tags(productKey: "a1", deviceName: "D") }
            #expect(found == expected)
        } catch let error as CloudError {
            #expect(expected == nil && error.code == .unexpected, "\(error)")
        }
    }

    @Test("too many names, or none, are refused before anything is sent")
    func tooMany() async throws {
        let server = StubServer { _, _ in .success("{}") }
        try await server.withClient { client in
            for count in [0, 10_001] {
                let error = await #expect(throws: CloudError.self) {
                    try await client.batchCheckDeviceNames(
                        productKey: "a1", deviceNames: Array(repeating: "D", count: count))
                }
                #expect(error?.code == .input)
            }
            await #expect(throws: CloudError.self) {
                try await client.batchGetDeviceState(productKey: "a1", deviceNames: Array(repeating: "D", count: 51))
            }
            await #expect(throws: CloudError.self) {
                try await client.batchQueryDeviceDetail(
                    productKey: "a1", deviceNames: Array(repeating: "D", count: 101))
            }
        }
        #expect(server.requests.now.isEmpty)
    }

    @Test("status and pages of a batch are read; DeviceSecrets are not")
    func statusAndPage() async throws {
        let server = StubServer { request, _ in
            request["Action"] == "QueryPageByApplyId"
                ? .top(
                    #""Page":1,"PageSize":50,"PageCount":2,"Total":51,"ApplyDeviceList":{"ApplyDeviceInfo":["#
                        + #"{"DeviceName":"D1","DeviceSecret":"\#(Self.secret)","IotId":"i1","DeviceId":"x"}]}"#)
                : .success(
                    #"{"Status":"CREATE_FAILED","ValidList":{"Name":["D1"]},"InvalidList":{"Name":["D2"]},"#
                        + #""InvalidDetailList":{"invalidDetailList":[{"DeviceName":"D2","ErrorMsg":"no"}]}}"#)
        }
        let (status, page) = try await server.withClient { client in
            (
                try await client.batchRegisterStatus(productKey: "a1", applyID: 7),
                try await client.batchPage(applyID: 7, page: 1)
            )
        }
        #expect(status.phase == .createFailed && status.valid == ["D1"])
        #expect(status.invalid == [RefusedName(deviceName: "D2", reason: "no")])
        #expect(page.devices == [.init(deviceName: "D1", iotID: "i1")] && page.pageCount == 2 && page.total == 51)
        #expect(!dumped(page).contains(Self.secret))
        #expect(server.requests.now.last?["CurrentPage"] == "1" && server.requests.now.last?["ApplyId"] == "7")
    }

    @Test("states, records and figures of many devices are read; DeviceSecrets are not")
    func lists() async throws {
        let server = StubServer { request, _ in
            switch request["Action"] {
            case "BatchGetDeviceState":
                .top(
                    #""DeviceStatusList":{"DeviceStatus":[{"DeviceName":"D1","IotId":"i1","Status":"ONLINE","#
                        + #""LastOnlineTime":"2026-11-23T02:48:41.000Z","Timestamp":1700000000000},"#
                        + #"{"DeviceName":"D2","IotId":"i2","Status":"odd","Timestamp":"17"}]}"#)
            case "BatchQueryDeviceDetail":
                .success(
                    #"{"Data":[{"DeviceName":"D1","DeviceSecret":"\#(Self.secret)","IotId":"i1","Status":"#
                        + #""OFFLINE","UtcActive":"2026-11-23T02:48:41.000Z","UtcCreate":""}]}"#)
            default: .success(#"{"deviceCount":12,"activeCount":5,"onlineCount":2}"#)
            }
        }
        let (states, readings, figures) = try await server.withClient { client in
            (
                try await client.batchGetDeviceState(productKey: "a1", deviceNames: ["D1", "D2"]),
                try await client.batchQueryDeviceDetail(productKey: "a1", deviceNames: ["D1", "D9"]),
                try await client.queryDeviceStatistics(productKey: "a1")
            )
        }
        #expect(states.map(\.state) == [.online, nil] && states.map(\.timestamp) == [1_700_000_000_000, 17])
        #expect(server.requests.now[0]["DeviceName.2"] == "D2")
        #expect(readings.map(\.deviceName) == ["D1"] && readings[0].reading.state == .offline)
        #expect(readings[0].reading.activatedAt != nil && readings[0].reading.createdAt == nil)
        #expect(!dumped(readings).contains(Self.secret))
        #expect(figures.deviceCount == 12 && figures.activeCount == 5 && figures.onlineCount == 2)
    }

    private func page(_ names: [String], _ more: String) -> StubAnswer {
        let rows = names.map {
            #"{"DeviceName":"\#($0)","DeviceSecret":"\#(Self.secret)","IotId":"i","DeviceStatus":"UNACTIVE"}"#
        }
        return .top(#""Data":{"DeviceInfo":[\#(rows.joined(separator: ","))]},"PageSize":50,\#(more)"#)
    }

    private func names(_ server: StubServer) async throws -> [String] {
        try await server.withClient { client in
            var names: [String] = []
            for try await device in client.devices(productKey: "a1") { names.append(device.deviceName) }
            return names
        }
    }

    @Test("a product's devices are paged by NextToken where the cloud gives one, by number where it does not")
    func paging() async throws {
        let tokens = StubServer { request, _ in
            switch request["NextToken"] {
            case nil: page(["D1", "D2"], #""Page":1,"PageCount":9,"NextToken":"t1""#)
            case "t1": page(["D3"], #""Page":2,"PageCount":9,"NextToken":"t2""#)
            default: page([], #""NextToken":"t3""#)
            }
        }
        #expect(try await names(tokens) == ["D1", "D2", "D3"])
        #expect(tokens.requests.now.map { $0["CurrentPage"] } == ["1", nil, nil])

        let numbers = StubServer { request, _ in page(["D\(request["CurrentPage"] ?? "")"], #""PageCount":3"#) }
        #expect(try await names(numbers) == ["D1", "D2", "D3"])

        #expect(try await names(StubServer { _, _ in page([], #""PageCount":0,"Total":0"#) }) == [])
    }

    @Test("a listing that goes in circles, or ends without its token, is an error")
    func endless() async throws {
        let circle = StubServer { _, _ in page(["D1"], #""NextToken":"same""#) }
        let circleError = await #expect(throws: CloudError.self) { try await names(circle) }
        #expect(circleError?.code == .unexpected && circle.requests.now.count == 2)

        let short = StubServer { _, _ in page(["D1"], #""PageCount":201"#) }
        let shortError = await #expect(throws: CloudError.self) { try await names(short) }
        #expect(shortError?.code == .unexpected && short.requests.now.count == 200)
    }

    static let changes: [(String, @Sendable (OpenAPIClient) async throws -> CallReceipt)] = [
        ("ResetThing", { try await $0.resetThing(iotID: "i1") }),
        ("DeleteDevice", { try await $0.deleteDevice(iotID: "i1") }),
        ("DisableThing", { try await $0.disableThing(iotID: "i1") }),
        ("EnableThing", { try await $0.enableThing(iotID: "i1") }),
        ("TransformClientId", { try await $0.transformClientID(iotID: "i1", keeping: "c1") }),
        ("DeleteClientIds", { try await $0.deleteClientIDs(iotID: "i1") }),
    ]

    @Test("a change goes by IotId; after a lost reply or an outage it is not made again", arguments: 0..<6)
    func change(_ index: Int) async throws {
        let (action, perform) = Self.changes[index]
        let good = StubServer { _, _ in .top(#""JobId":"j""#) }
        let receipt = try await good.withClient(perform)
        #expect(receipt == CallReceipt(requestID: "R-1", cloudDate: "Mon, 23 Nov 2026 08:00:00 GMT"))
        let request = try #require(good.requests.now.first)
        #expect(request["Action"] == action && request["IotId"] == "i1" && request["DeviceName"] == nil)
        #expect((request["ClientId"] == "c1") == (action == "TransformClientId"))

        for (answer, code) in [(StubAnswer.hangUp, CloudError.Code.timeout), (.reply(503, "x"), .outage)] {
            let lost = StubServer { _, _ in answer }
            let error = await #expect(throws: CloudError.self) { try await lost.withClient(perform) }
            #expect(error?.code == code && lost.requests.now.count == 1)
        }
    }

    @Test("a change without an IotId is never sent")
    func noIotID() async throws {
        let server = StubServer { _, _ in .top(#""JobId":"j""#) }
        let error = await #expect(throws: CloudError.self) {
            try await server.withClient { try await $0.deleteDevice(iotID: "") }
        }
        #expect(error?.code == .input && server.requests.now.isEmpty)
    }

    @Test(
        "ClientIDs are read from the SDK's plain list and from the documentation's wrapper",
        arguments: [
            #"[{"ClientId":"c1","CreateTime":17},{"ClientId":"c2"}]"#,
            #"{"DynamicRegClientIds":[{"ClientId":"c1","CreateTime":"17"},{"ClientId":"c2"}]}"#,
        ])
    func clientIDs(_ list: String) async throws {
        let server = StubServer { _, _ in .success(#"{"IotId":"i1","DynamicRegClientIds":\#(list)}"#) }
        let issued = try await server.withClient { try await $0.queryClientIDs(iotID: "i1") }
        #expect(
            issued == [IssuedClientID(clientID: "c1", createdAt: 17), IssuedClientID(clientID: "c2", createdAt: nil)])
    }
}
