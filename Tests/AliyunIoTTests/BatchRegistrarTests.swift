import Locking
import AliyunIoT
import Foundation
import Testing

/// The batch calls of a cloud, in a few lines: what it was told, and devices that come into being once.
final class StubBatches: Sendable {
    struct State: Sendable {
        var lists: [Int: [String]] = [:]
        var started: Set<Int> = []
        var devices: [String: String] = [:]
        var calls: [String: Int] = [:]
    }

    let state = Locked(State())

    func answer(_ request: StubRequest) -> StubAnswer {
        state.withLock { state in
            let action = request["Action"] ?? ""
            state.calls[action, default: 0] += 1
            let id = Int(request["ApplyId"] ?? "") ?? 0
            switch action {
            case "BatchCheckDeviceNames":
                let names = request.parameters.filter { $0.0.hasPrefix("DeviceName.") }.map(\.1)
                let taken = names.filter { state.devices[$0] != nil }.map { "\"\($0)\"" }.joined(separator: ",")
                let next = state.lists.count + 1
                state.lists[next] = names
                return .success(#"{"ApplyId":\#(next),"InvalidDeviceNameList":{"InvalidDeviceName":[\#(taken)]}}"#)
            case "QueryBatchRegisterDeviceStatus":
                guard state.lists[id] != nil else { return .failure("iot.device.DeviceApplyIsNotFound") }
                return .success(#"{"Status":"\#(state.started.contains(id) ? "CREATE_SUCCESS" : "CHECK_SUCCESS")"}"#)
            case "BatchRegisterDeviceWithApplyId":
                guard let names = state.lists[id] else { return .failure("iot.device.DeviceApplyIsNotFound") }
                state.started.insert(id)
                for name in names where state.devices[name] == nil { state.devices[name] = "i\(state.devices.count)" }
                return .success(#"{"ApplyId":\#(id)}"#)
            case "QueryPageByApplyId":
                let names = state.lists[id] ?? []
                let size = Int(request["PageSize"] ?? "") ?? 10
                let number = Int(request["CurrentPage"] ?? "") ?? 1
                let rows = names.dropFirst((number - 1) * size).prefix(size).map {
                    #"{"DeviceName":"\#($0)","DeviceSecret":"s","IotId":"\#(state.devices[$0] ?? "")"}"#
                }
                let pages = (names.count + size - 1) / size
                return .top(
                    #""Page":\#(number),"PageCount":\#(pages),"Total":\#(names.count),"ApplyDeviceList":"#
                        + #"{"ApplyDeviceInfo":[\#(rows.joined(separator: ","))]}"#)
            default: return .failure("InvalidApi.NotFound", status: 404)
            }
        }
    }
}

@Suite("A batch of names against a cloud", .timeLimit(.minutes(2)))
struct BatchRegistrarTests {
    static let names = (0..<120).map { "UNIT-\($0 + 1000)" }

    struct Stop: Error {}

    @Test("every name is created once and accounted for")
    func whole() async throws {
        let cloud = StubBatches()
        let server = StubServer { request, _ in cloud.answer(request) }
        let report = try await server.withClient { client in
            try await BatchRegistrar(client: client, pollInterval: .milliseconds(1)).run(
                try BatchRegistration(productKey: "a1", names: Self.names))
        }
        #expect(report.isComplete && report.rows.map(\.name) == Self.names)
        #expect(cloud.state.now.calls["QueryPageByApplyId"] == 3)
        #expect(cloud.state.now.devices.count == 120)
    }

    @Test("stopped at any checkpoint and begun again from it, it creates every name once", arguments: 0..<5)
    func stopped(_ saves: Int) async throws {
        let cloud = StubBatches()
        let server = StubServer { request, _ in cloud.answer(request) }
        let report = try await server.withClient { client in
            let registrar = BatchRegistrar(client: client, pollInterval: .milliseconds(1))
            let stored = Locked<[BatchCheckpoint]>([])
            do {
                return try await registrar.run(
                    try BatchRegistration(productKey: "a1", names: Self.names),
                    save: { checkpoint in
                        stored.withLock { $0.append(checkpoint) }
                        if stored.now.count > saves { throw Stop() }
                    })
            } catch is Stop {
                let last = try #require(stored.now.last)
                return try await registrar.run(try BatchRegistration(names: Self.names, resuming: last))
            }
        }
        #expect(report.isComplete && report.createdCount == 120)
        #expect(cloud.state.now.devices.count == 120)
        #expect((cloud.state.now.calls["BatchRegisterDeviceWithApplyId"] ?? 0) <= 2)
    }

    @Test("a lost reply to the start of the creation is looked into, and the creation is not started again")
    func lostReply() async throws {
        let cloud = StubBatches()
        let server = StubServer { request, _ in
            let answer = cloud.answer(request)
            return request["Action"] == "BatchRegisterDeviceWithApplyId" ? .hangUp : answer
        }
        let report = try await server.withClient { client in
            try await BatchRegistrar(client: client, pollInterval: .milliseconds(1)).run(
                try BatchRegistration(productKey: "a1", names: Self.names))
        }
        #expect(report.isComplete)
        #expect(cloud.state.now.calls["BatchRegisterDeviceWithApplyId"] == 1)
    }

    @Test("another creation of the product is waited for")
    func taskRunning() async throws {
        let cloud = StubBatches()
        let starts = Locked(0)
        let server = StubServer { request, _ in
            if request["Action"] == "BatchRegisterDeviceWithApplyId" {
                let number = starts.withLock { starts in
                    starts += 1
                    return starts
                }
                if number <= 2 { return .failure("iot.device.CreateDeviceTaskIsRunning") }
            }
            return cloud.answer(request)
        }
        let report = try await server.withClient { client in
            try await BatchRegistrar(client: client, pollInterval: .milliseconds(1)).run(
                try BatchRegistration(productKey: "a1", names: ["UNIT-1"]))
        }
        #expect(report.isComplete && starts.now == 3)
    }

    @Test("names that exist are reported, the others are created")
    func existing() async throws {
        let cloud = StubBatches()
        cloud.state.withLock { $0.devices["UNIT-1000"] = "old" }
        let server = StubServer { request, _ in cloud.answer(request) }
        let report = try await server.withClient { client in
            try await BatchRegistrar(client: client, pollInterval: .milliseconds(1)).run(
                try BatchRegistration(productKey: "a1", names: Self.names))
        }
        #expect(report.rows[0].outcome == .invalid(reason: "") && report.createdCount == 119)
    }

    @Test("a failed creation without a list of devices still accounts for every name")
    func failedWithoutList() async throws {
        let cloud = StubBatches()
        let server = StubServer { request, _ in
            switch request["Action"] {
            case "QueryBatchRegisterDeviceStatus":
                .success(#"{"Status":"CREATE_FAILED","InvalidList":{"Name":["UNIT-1"]}}"#)
            case "QueryPageByApplyId": .failure("iot.device.IncorrentDeviceApplyInfo")
            default: cloud.answer(request)
            }
        }
        let report = try await server.withClient { client in
            try await BatchRegistrar(client: client, pollInterval: .milliseconds(1)).run(
                try BatchRegistration(productKey: "a1", names: ["UNIT-1", "UNIT-2"]))
        }
        #expect(report.rows.map(\.outcome) == [.invalid(reason: ""), .missing])
    }

    @Test("what waiting does not change ends the batch; so does the end of its time")
    func failures() async throws {
        let server = StubServer { request, _ in
            request["Action"] == "BatchCheckDeviceNames"
                ? .success(#"{"ApplyId":1}"#) : .success(#"{"Status":"CHECK"}"#)
        }
        let error = await #expect(throws: CloudError.self) {
            try await server.withClient { client in
                try await BatchRegistrar(client: client, pollInterval: .milliseconds(1)).run(
                    try BatchRegistration(productKey: "a1", names: ["UNIT-1"]), within: .milliseconds(1500))
            }
        }
        #expect(error?.code == .timeout)
        let denied = StubServer { _, _ in .failure("iot.common.InvalidTenant") }
        let deniedError = await #expect(throws: CloudError.self) {
            try await denied.withClient { client in
                try await BatchRegistrar(client: client).run(
                    try BatchRegistration(productKey: "a1", names: ["UNIT-1"]))
            }
        }
        #expect(deniedError?.code == .permission && denied.requests.now.count == 1)
    }
}
