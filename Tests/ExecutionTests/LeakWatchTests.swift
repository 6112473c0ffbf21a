import AliyunIoT
import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("The leak watch alarms what no record explains, within one poll and once")
struct LeakWatchTests {
    @Test("a device registered and connected behind the station's back with the right ProductSecret")
    func behindTheBack() async throws {
        try await CloudBed.with(mode: .noPreregistration) { bed async throws in
            let watch = LeakWatch(bed.parts())
            try await watch.poll(CloudBed.productKey, .noPreregistration)
            #expect(try await bed.journal.alarms().isEmpty)
            let credential = try await bed.registerNew("counterfeit-1")
            try await watch.poll(CloudBed.productKey, .noPreregistration)
            #expect(try await bed.journal.alarms().map(\.kind) == ["name-not-ours"])
            try await bed.connect("counterfeit-1", credential)
            for _ in 1...2 { try await watch.poll(CloudBed.productKey, .noPreregistration) }
            let alarms = try await bed.journal.alarms()
            #expect(alarms.map(\.kind) == ["name-not-ours", "active-not-ours"])
            #expect(alarms.allSatisfy { $0.deviceName == "counterfeit-1" })
            try await bed.journal.clearAlarm(alarms[1].id, reason: "test", actor: "test")
            try await watch.poll(CloudBed.productKey, .noPreregistration)
            #expect(try await bed.journal.alarms().count { !$0.isCleared } == 2, "its cause is still there")
        }
    }

    @Test("what the baseline names, and names that are only pre-registered elsewhere, are quiet")
    func baseline() async throws {
        try await CloudBed.with { bed async throws in
            let watch = LeakWatch(bed.parts())
            _ = try await bed.desk.api.registerDevice(productKey: CloudBed.productKey, deviceName: "old-1")
            try await watch.poll(CloudBed.productKey, .preRegistered)
            #expect(try await bed.journal.alarms().isEmpty)
            _ = try await StationCommand.importBaseline(
                productKey: CloudBed.productKey, names: nil, replaces: false, reason: "test"
            ).perform(bed.context())
            try await activate("old-1", bed)
            try await watch.poll(CloudBed.productKey, .preRegistered)
            #expect(try await bed.journal.alarms().isEmpty)
            await #expect(throws: JournalError.self) {
                try await bed.journal.importBaseline(
                    productKey: CloudBed.productKey, names: [], reason: "again", actor: "test")
            }
        }
    }

    @Test("a claimed name that is active although no run has switched its board on")
    func claimed() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await activate(bed.unit.deviceName.text, bed)
            let watch = LeakWatch(bed.parts())
            try await watch.poll(CloudBed.productKey, .preRegistered)
            #expect(try await bed.journal.alarms().isEmpty, "its run is still open")
            try await bed.concludeRun()
            try await watch.poll(CloudBed.productKey, .preRegistered)
            #expect(try await bed.journal.alarms().map(\.kind) == ["active-without-run"])
        }
    }

    @Test("a look at a device that is active before its board was ever switched on does not explain it")
    func looked() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await activate(bed.unit.deviceName.text, bed)
            _ = try await bed.register()
            try await bed.concludeRun()
            try await LeakWatch(bed.parts()).poll(CloudBed.productKey, .preRegistered)
            #expect(try await bed.journal.alarms().map(\.kind) == ["active-without-run"])
        }
    }

    @Test("a name that was given up, made again and activated")
    func givenUp() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun()
            _ = try await bed.workflow(.scrap(destroyed: false))
            let name = bed.unit.deviceName.text
            _ = try await bed.desk.api.registerDevice(productKey: CloudBed.productKey, deviceName: name)
            try await activate(name, bed)
            try await LeakWatch(bed.parts()).poll(CloudBed.productKey, .preRegistered)
            #expect(try await bed.journal.alarms().map(\.kind) == ["active-not-ours"])
        }
    }

    @Test("an activation outside the order's window, and none for one within it", arguments: [true, false])
    func window(_ isWithin: Bool) async throws {
        let window =
            isWithin ? "2020-01-01T00:00:00Z/2090-01-01T00:00:00Z" : "2020-01-01T00:00:00Z/2020-01-02T00:00:00Z"
        try await CloudBed.with(window: window) { bed async throws in
            _ = try await bed.register()
            _ = try await bed.journal.beginIntent(
                .run(bed.run), unit: bed.unit.id, effect: .boot, key: "x", actor: "test")
            try await activate(bed.unit.deviceName.text, bed)
            try await LeakWatch(bed.parts()).poll(CloudBed.productKey, .preRegistered)
            #expect(try await bed.journal.alarms().map(\.kind) == (isWithin ? [] : ["active-outside-window"]))
        }
    }

    private func activate(_ name: String, _ bed: CloudBed) async throws {
        let secret = try await DynamicRegistration(cloud: bed.cloud).overHTTPS(
            productKey: CloudBed.productKey, deviceName: name, productSecret: CloudBed.productSecret)
        try await DeviceConnection(cloud: bed.cloud, productKey: CloudBed.productKey, deviceName: name)
            .withSession(deviceSecret: secret) { _ in }
    }
}
