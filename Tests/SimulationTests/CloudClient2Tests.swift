import AliyunIoT
import Foundation
import MQTT
import Provisioning
import Testing

@testable import Simulation

/// Our own client, whole, against the stand-in, which foreign SDKs check from the other side.
@Suite("The station's cloud client against the stand-in", .timeLimit(.minutes(5)))
struct CloudClient2Tests {
    static let instanceID = "iot-060a0bgd"

    /// Runs `body` with a stand-in of an enterprise instance, and a client that signs as told.
    private func with<R: Sendable>(
        _ signature: Cloud.Signature = .rpcV1, change: (inout CloudConfiguration.Behaviour) -> Void = { _ in },
        _ body: @Sendable (RunningCloud, Cloud, OpenAPIClient) async throws -> R
    ) async throws -> R {
        var configuration = RunningCloud.configuration {
            $0.batchDelayMilliseconds = 20
            change(&$0)
        }
        configuration.products[0].instanceID = Self.instanceID
        return try await RunningCloud.with(configuration) { running in
            let mqtt = (running.ready.mqttTLS ?? "").split(separator: ":")
            var profile = InstanceProfile(.enterprise(id: Self.instanceID))
            profile.openAPI = running.ready.openapiTLS
            profile.registration = running.ready.registration.map { .at($0) } ?? .none
            profile.mqttHost = "127.0.0.1"
            profile.mqttPort = Int(mqtt.last ?? "")
            profile.caFile = running.ready.caFile
            profile.signature = signature
            let cloud = try profile.cloud()
            let client = OpenAPIClient(
                cloud: cloud,
                accessKey: AliyunIoT.AccessKey(id: RunningCloud.accessKeyID, secret: RunningCloud.accessKeySecret),
                limiter: RateLimiter(perSecond: 10_000, burst: 10_000), deadline: .seconds(60))
            do {
                let result = try await body(running, cloud, client)
                await client.shutdown()
                return result
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }

    private static let key = RunningCloud.productKey

    @Test(
        "a batch of names is created once and accounted for, by either signature", arguments: Cloud.Signature.allCases)
    func batch(_ signature: Cloud.Signature) async throws {
        let names = (0..<500).map { "AA:BB@_.-\($0)" }
        try await with(signature) { _, _, client in
            _ = try await client.registerDevice(productKey: Self.key, deviceName: names[7])
            let report = try await BatchRegistrar(client: client, pollInterval: .milliseconds(20)).run(
                try BatchRegistration(productKey: Self.key, names: names + ["bad name!", names[3]]),
                within: .seconds(120))
            #expect(report.rows.count == 502 && report.createdCount == 499 && report.missing.isEmpty)
            guard case .invalid(let reason) = report.rows[7].outcome, case .invalid = report.rows[500].outcome else {
                Issue.record("\(report.rows[7]), \(report.rows[500])")
                return
            }
            #expect(!reason.isEmpty, "the cloud says why")
            #expect(report.rows[501].outcome == .repeated)
            var listed: [String: String] = [:]
            for try await device in client.devices(productKey: Self.key) { listed[device.deviceName] = device.iotID }
            #expect(Set(listed.keys) == Set(names))
            for row in report.rows {
                if case .created(let iotID) = row.outcome { #expect(listed[row.name] == iotID) }
            }
            let figures = try await client.queryDeviceStatistics(productKey: Self.key)
            #expect(figures.deviceCount == 500 && figures.activeCount == 0)
        }
    }

    @Test("a full batch of 10,000 names, stopped in the middle and taken up again, makes 10,000 devices")
    func fullBatch() async throws {
        struct Stop: Error {}
        let names = (0..<10_000).map { "3C6105\(String(0x100000 + $0, radix: 16, uppercase: true))" }
        try await with { _, _, client in
            let registrar = BatchRegistrar(client: client, pollInterval: .milliseconds(50))
            var stored: BatchCheckpoint?
            await #expect(throws: Stop.self) {
                try await registrar.run(
                    try BatchRegistration(productKey: Self.key, names: names), within: .seconds(240),
                    save: { checkpoint in
                        stored = checkpoint
                        if checkpoint.phase == .creating || checkpoint.phase == .collect { throw Stop() }
                    })
            }
            let checkpoint = try #require(stored)
            let report = try await registrar.run(
                try BatchRegistration(names: names, resuming: checkpoint), within: .seconds(240))
            #expect(report.isComplete && report.rows.count == 10_000)
            let figures = try await client.queryDeviceStatistics(productKey: Self.key)
            #expect(figures.deviceCount == 10_000)
        }
    }

    @Test("throttled, with lost replies and faults, a batch still makes every device once")
    func troubledBatch() async throws {
        let names = (0..<3000).map { "TROUBLE-\($0)" }
        try await with(.acs3, change: { $0.qpsLimits = true }) { running, _, client in
            _ = try await running.admin.set(FaultSettings(errorRate: 0.05, lostReplyRate: 0.05, throttleRate: 0.05))
            let report = try await BatchRegistrar(client: client, pollInterval: .milliseconds(100)).run(
                try BatchRegistration(productKey: Self.key, names: names), within: .seconds(240))
            #expect(report.isComplete && report.createdCount == 3000)
            _ = try await running.admin.set(FaultSettings(errorRate: 0, lostReplyRate: 0, throttleRate: 0))
            let figures = try await client.queryDeviceStatistics(productKey: Self.key)
            #expect(figures.deviceCount == 3000)
        }
    }

    @Test("of 12 registrations of one name at once 5 get a pair; the diagnosis of the others is: too many ClientIDs")
    func fiveClientIDs() async throws {
        try await with { _, cloud, client in
            let results = await withTaskGroup(of: Result<String, any Error>.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        do {
                            let pair = try await DynamicRegistration(cloud: cloud, deadline: .seconds(60))
                                .overMQTTWithoutPreregistration(
                                    productKey: Self.key, deviceName: "SIM-5",
                                    productSecret: RunningCloud.productSecret)
                            return .success(pair.clientID)
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let pairs = results.compactMap { try? $0.get() }
            #expect(Set(pairs).count == 5 && results.count == 12)
            for case .failure(let error) in results {
                #expect((error as? RegistrationError)?.code == .refused)
            }
            let address = DeviceAddress.name(productKey: Self.key, deviceName: "SIM-5")
            let device = try await client.lookUpDevice(address)
            let issued = try await client.queryClientIDs(iotID: device.reading?.iotID ?? "")
            #expect(Set(issued.map(\.clientID)) == Set(pairs))
            let diagnosis = RefusalDiagnosis.diagnose(
                board: .registrationOverMQTT(4), device: device, probe: nil, mode: .noPreregistration,
                clientIDCount: issued.count)
            #expect(diagnosis.cause == .tooManyClientIDs)
        }
    }

    @Test("without pre-registration: register, connect, be active; switch leaves one ClientID, clear none")
    func noPreregistration() async throws {
        try await with(.acs3) { running, cloud, client in
            let registration = DynamicRegistration(cloud: cloud, deadline: .seconds(30))
            let connection = DeviceConnection(cloud: cloud, productKey: Self.key, deviceName: "SIM-1")
            let first = try await registration.overMQTTWithoutPreregistration(
                productKey: Self.key, deviceName: "SIM-1", productSecret: RunningCloud.productSecret)
            #expect(first.fitsDeviceSDK)
            let before = try await client.queryDeviceDetail(productKey: Self.key, deviceName: "SIM-1")
            #expect(before?.state == .unactive)
            try await connection.withSession(credential: first, deadline: .seconds(30)) { session in
                try await session.postProperty(["voltage": 3300], deadline: .seconds(30))
            }
            let after = try #require(try await client.queryDeviceDetail(productKey: Self.key, deviceName: "SIM-1"))
            #expect(ActivationEvidence.prove(before: before, after: after) != nil)

            let second = try await registration.overMQTTWithoutPreregistration(
                productKey: Self.key, deviceName: "SIM-1", productSecret: RunningCloud.productSecret)
            let issued = try await client.queryClientIDs(iotID: after.iotID)
            #expect(Set(issued.map(\.clientID)) == [first.clientID, second.clientID])
            #expect(issued.allSatisfy { $0.createdAt != nil })
            try await client.transformClientID(iotID: after.iotID, keeping: second.clientID)
            #expect(try await client.queryClientIDs(iotID: after.iotID).map(\.clientID) == [second.clientID])
            let refused = await #expect(throws: ConnectionError.self) {
                try await connection.withSession(credential: first, deadline: .seconds(30)) { _ in }
            }
            #expect(refused?.code == .refused(4) || refused?.code == .refused(5))
            try await connection.withSession(credential: second, deadline: .seconds(30)) { _ in }
            try await client.deleteClientIDs(iotID: after.iotID)
            #expect(try await client.queryClientIDs(iotID: after.iotID).isEmpty)
        }
    }

    @Test("one poller tells the states of many devices, and which names are not there")
    func poller() async throws {
        try await with { _, _, client in
            let names = (0..<60).map { "POLL-\($0)" }
            let report = try await BatchRegistrar(client: client, pollInterval: .milliseconds(20)).run(
                try BatchRegistration(productKey: Self.key, names: names), within: .seconds(120))
            #expect(report.isComplete)
            let poller = StatePoller(client: client)
            let states = try await withThrowingTaskGroup(of: (String, PolledState)?.self) { group in
                group.addTask {
                    await poller.run()
                    return nil
                }
                for name in names + ["GONE-1"] {
                    group.addTask { (name, try await poller.state(of: name, productKey: Self.key)) }
                }
                var states: [String: PolledState] = [:]
                for try await result in group {
                    if let result { states[result.0] = result.1 }
                    if states.count == 61 { group.cancelAll() }
                }
                return states
            }
            #expect(states["GONE-1"] == .absent)
            for name in names {
                guard case .listed(let state) = states[name] else {
                    Issue.record("\(name) is not listed")
                    continue
                }
                #expect(state.state == .unactive && !state.iotID.isEmpty)
            }
        }
    }

    @Test("reset, disable, enable and delete go by IotId; the records of many devices are read at once")
    func life() async throws {
        try await with(.acs3) { _, cloud, client in
            let device = try await client.registerDevice(productKey: Self.key, deviceName: "LIFE-1")
            let registration = DynamicRegistration(cloud: cloud, deadline: .seconds(30))
            let secret = try await registration.overMQTT(
                productKey: Self.key, deviceName: "LIFE-1", productSecret: RunningCloud.productSecret)
            try await DeviceConnection(cloud: cloud, productKey: Self.key, deviceName: "LIFE-1").withSession(
                deviceSecret: secret, deadline: .seconds(30)
            ) { session in try await session.postProperty(["voltage": 1], deadline: .seconds(30)) }
            try await client.resetThing(iotID: device.iotID)
            _ = try await registration.overMQTT(
                productKey: Self.key, deviceName: "LIFE-1", productSecret: RunningCloud.productSecret)
            try await client.disableThing(iotID: device.iotID)
            let readings = try await client.batchQueryDeviceDetail(
                productKey: Self.key, deviceNames: ["LIFE-1", "GONE-1"])
            #expect(readings.map(\.deviceName) == ["LIFE-1"])
            #expect(readings.first?.reading.state == .disable && readings.first?.reading.activatedAt != nil)
            try await client.enableThing(iotID: device.iotID)
            #expect(try await client.queryDeviceDetail(iotID: device.iotID)?.state == .offline)
            try await client.deleteDevice(iotID: device.iotID)
            #expect(try await client.queryDeviceDetail(productKey: Self.key, deviceName: "LIFE-1") == nil)
            let again = await #expect(throws: CloudError.self) { try await client.deleteDevice(iotID: device.iotID) }
            #expect(again?.hadNoEffect == true)
        }
    }

    @Test("a refused board is told apart by the cloud's record and the probe name")
    func diagnosis() async throws {
        try await with { running, cloud, client in
            let registration = DynamicRegistration(cloud: cloud, deadline: .seconds(30))
            let probe = CredentialProbe(cloud: cloud, deadline: .seconds(30))
            for name in ["PROBE-1", "UNIT-1", "UNIT-2", "UNIT-3"] {
                _ = try await client.registerDevice(productKey: Self.key, deviceName: name)
            }
            let secret = try await registration.overMQTT(
                productKey: Self.key, deviceName: "UNIT-2", productSecret: RunningCloud.productSecret)
            try await DeviceConnection(cloud: cloud, productKey: Self.key, deviceName: "UNIT-2").withSession(
                deviceSecret: secret, deadline: .seconds(30)
            ) { _ in }
            let third = try #require(try await client.queryDeviceDetail(productKey: Self.key, deviceName: "UNIT-3"))
            try await client.disableThing(iotID: third.iotID)

            /// Registers as a board with `boardSecret` would, and weighs what came of it.
            @Sendable func diagnose(
                _ name: String, boardSecret: Secret = RunningCloud.productSecret,
                stationSecret: Secret = RunningCloud.productSecret
            ) async throws -> RefusalDiagnosis.Cause? {
                let refusal = await #expect(throws: RegistrationError.self) {
                    _ = try await registration.overMQTT(
                        productKey: Self.key, deviceName: name, productSecret: boardSecret)
                }
                guard let code = refusal?.remoteCode.flatMap({ UInt8(exactly: $0) }) else { return nil }
                return RefusalDiagnosis.diagnose(
                    board: .registrationOverMQTT(code),
                    device: try await client.lookUpDevice(.name(productKey: Self.key, deviceName: name)),
                    probe: await probe.check(
                        productKey: Self.key, probeName: "PROBE-1", productSecret: stationSecret)
                ).cause
            }
            #expect(try await diagnose("GONE-1") == .unknownName)
            #expect(try await diagnose("UNIT-2") == .alreadyActive)
            #expect(try await diagnose("UNIT-3") == .disabled)
            #expect(try await diagnose("UNIT-1", boardSecret: Secret("anotherSecret000")) == .boardCredentialWrong)
            #expect(
                try await diagnose(
                    "UNIT-1", boardSecret: Secret("anotherSecret000"), stationSecret: Secret("anotherSecret000"))
                    == .productSecretWrong)
            try await running.admin.turnSwitch(product: Self.key, on: false)
            #expect(try await diagnose("UNIT-1") == .switchOff)
        }
    }
}
