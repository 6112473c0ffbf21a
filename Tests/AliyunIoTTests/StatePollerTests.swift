import Locking
import AliyunIoT
import Foundation
import Testing

@Suite("One poller for all slots", .timeLimit(.minutes(2)))
struct StatePollerTests {
    private static func answer(_ request: StubRequest) -> StubAnswer {
        let rows = request.parameters.filter { $0.0.hasPrefix("DeviceName.") && $0.1 != "GONE" }.map {
            #"{"DeviceName":"\#($0.1)","IotId":"i-\#($0.1)","Status":"ONLINE"}"#
        }
        return .top(#""DeviceStatusList":{"DeviceStatus":[\#(rows.joined(separator: ","))]}"#)
    }

    private static func names(_ request: StubRequest) -> [String] {
        request.parameters.filter { $0.0.hasPrefix("DeviceName.") }.map(\.1)
    }

    /// Runs `body` beside a running poller, which is stopped at the end.
    private func with<R: Sendable>(
        _ server: StubServer, within: Duration = .seconds(30), limit: Int = 1000,
        _ body: @escaping @Sendable (StatePoller) async throws -> R
    ) async throws -> R {
        try await server.withClient { client in
            let poller = StatePoller(client: client, within: within, limit: limit)
            return try await withThrowingTaskGroup(of: R?.self) { group in
                group.addTask {
                    await poller.run()
                    return nil
                }
                group.addTask { try await body(poller) }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw CancellationError()
            }
        }
    }

    @Test("120 callers are served by few calls of at most 50 names, each with its own device's state")
    func coalesced() async throws {
        let server = StubServer { request, _ in Self.answer(request) }
        let names = (0..<120).map { "D\($0)" }
        let answers = try await with(server) { poller in
            try await withThrowingTaskGroup(of: (String, PolledState).self) { group in
                for name in names + names {
                    group.addTask { (name, try await poller.state(of: name, productKey: "a1")) }
                }
                return try await group.reduce(into: [(String, PolledState)]()) { $0.append($1) }
            }
        }
        #expect(answers.count == 240)
        for (name, state) in answers {
            #expect(state == .listed(ListedState(deviceName: name, iotID: "i-\(name)", state: .online)))
        }
        let sizes = server.requests.now.map { Self.names($0).count }
        #expect(sizes.allSatisfy { $0 <= 50 } && sizes.count < 120)
        for request in server.requests.now {
            #expect(Set(Self.names(request)).count == Self.names(request).count, "no name twice in one call")
        }
    }

    @Test("products are asked for apart; an unlisted name is absent")
    func products() async throws {
        let server = StubServer { request, _ in Self.answer(request) }
        try await with(server) { poller in
            async let first = poller.state(of: "D1", productKey: "a1")
            async let second = poller.state(of: "GONE", productKey: "b2")
            let got = try await (first, second)
            #expect(got.0 == .listed(ListedState(deviceName: "D1", iotID: "i-D1", state: .online)))
            #expect(got.1 == .absent)
        }
        #expect(Set(server.requests.now.compactMap { $0["ProductKey"] }) == ["a1", "b2"])
    }

    @Test("a name that fails the whole call is found by halves, and does not cost the others their answer")
    func halves() async throws {
        let server = StubServer { request, _ in
            Self.names(request).contains("GONE") ? .failure("iot.device.NotExistedDevice") : Self.answer(request)
        }
        let states = try await with(server) { poller in
            try await withThrowingTaskGroup(of: PolledState.self) { group in
                for name in (0..<9).map({ "D\($0)" }) + ["GONE"] {
                    group.addTask { try await poller.state(of: name, productKey: "a1") }
                }
                return try await group.reduce(into: [PolledState]()) { $0.append($1) }
            }
        }
        #expect(states.count == 10 && states.count { $0 == .absent } == 1)
    }

    @Test("an error goes to all who wait for that call, and the next call works")
    func errors() async throws {
        let server = StubServer { request, number in
            number == 1 ? .failure("iot.common.InvalidTenant") : Self.answer(request)
        }
        try await with(server) { poller in
            let error = await #expect(throws: CloudError.self) {
                try await poller.state(of: "D1", productKey: "a1")
            }
            #expect(error?.code == .permission)
            let state = try await poller.state(of: "D1", productKey: "a1")
            #expect(state == .listed(ListedState(deviceName: "D1", iotID: "i-D1", state: .online)))
        }
    }

    @Test("a stopped poller tells those who wait and those who come")
    func stopped() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let server = StubServer { _, _ in
            ask.yield()
            return .silence
        }
        try await server.withClient { client in
            let poller = StatePoller(client: client)
            await withTaskGroup(of: Void.self) { group in
                let waiting = Locked<CloudError?>(nil)
                group.addTask {
                    let error = await #expect(throws: CloudError.self) {
                        try await poller.state(of: "D1", productKey: "a1")
                    }
                    waiting.withLock { $0 = error }
                }
                await withTaskGroup(of: Void.self) { runner in
                    runner.addTask { await poller.run() }
                    for await _ in asked { break }
                    runner.cancelAll()
                }
                await group.waitForAll()
                #expect(waiting.now?.code == .timeout)
            }
            let late = await #expect(throws: CloudError.self) { try await poller.state(of: "D2", productKey: "a1") }
            #expect(late?.code == .timeout)
        }
    }

    @Test("too many waiting callers are refused; one that gives up makes room and is not asked for")
    func bounded() async throws {
        let server = StubServer { request, _ in Self.answer(request) }
        try await server.withClient { client in
            let poller = StatePoller(client: client, limit: 0)
            let error = await #expect(throws: CloudError.self) { try await poller.state(of: "D1", productKey: "a1") }
            #expect(error?.code == .throttled)

            let patient = StatePoller(client: client, limit: 1)
            let caller = Task { try await patient.state(of: "D1", productKey: "a1") }
            caller.cancel()
            await #expect(throws: CancellationError.self) { try await caller.value }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await patient.run() }
                let state = try await patient.state(of: "D2", productKey: "a1")
                #expect(state == .listed(ListedState(deviceName: "D2", iotID: "i-D2", state: .online)))
                group.cancelAll()
            }
        }
        #expect(server.requests.now.map { Self.names($0) } == [["D2"]])
    }
}
