import AliyunIoT
import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("Without pre-registration a unit keeps one ClientID, and a foreign one is a duplicate")
struct ClientIDStepTests {
    private func step(_ bed: CloudBed) async throws -> ClientIDStep {
        ClientIDStep(
            journal: bed.journal, desk: bed.desk,
            patience: Patience(limit: .seconds(10), code: .activateCloud) { _ in },
            run: bed.run, unit: try await bed.journal.unit(bed.unit.id) ?? bed.unit, actor: "test")
    }

    private func boot(_ bed: CloudBed) async throws {
        let intent = try await bed.journal.beginIntent(
            .run(bed.run), unit: bed.unit.id, effect: .boot, key: "x", actor: "test")
        try await bed.journal.finishIntent(
            intent, unit: bed.unit.id, effect: .boot, isKnown: true, result: "ready", actor: "test")
    }

    private func iotID(_ bed: CloudBed) async throws -> String {
        try #require(try await bed.admin.devices().first { $0.deviceName == bed.unit.deviceName.text }).iotID
    }

    @Test("the first run keeps the ClientID its board was given")
    func first() async throws {
        try await CloudBed.with(mode: .noPreregistration) { bed async throws in
            try await boot(bed)
            let given = try await bed.registerNew()
            let kept = try await step(bed).settle(iotID: iotID(bed), before: [], issued: nil)
            #expect(kept == given.clientID)
            let unit = try await bed.journal.unit(bed.unit.id)
            #expect(unit?.clientID == given.clientID && unit?.unsettledBoots == 0)
        }
    }

    @Test("a second registration of the same unit is kept, and the older ClientID made void")
    func second() async throws {
        try await CloudBed.with(mode: .noPreregistration) { bed async throws in
            try await boot(bed)
            let old = try await bed.registerNew()
            let id = try await iotID(bed)
            _ = try await step(bed).settle(iotID: id, before: [], issued: nil)
            let before = try await step(bed).look(iotID: id)
            #expect(before == [old.clientID])
            try await boot(bed)
            let new = try await bed.registerNew()
            #expect(try await step(bed).settle(iotID: id, before: before, issued: nil) == new.clientID)
            #expect(try await bed.desk.api.queryClientIDs(iotID: id).map(\.clientID) == [new.clientID])
        }
    }

    @Test("a ClientID that no boot of this unit explains is found before the board is switched on")
    func foreign() async throws {
        try await CloudBed.with(mode: .noPreregistration) { bed async throws in
            try await boot(bed)
            _ = try await bed.registerNew()
            let id = try await iotID(bed)
            _ = try await step(bed).settle(iotID: id, before: [], issued: nil)
            _ = try await bed.registerNew()
            let step = try await step(bed)
            await #expect { try await step.look(iotID: id) } throws: {
                ($0 as? Failure)?.code == .duplicateClientIDs
            }
        }
    }

    @Test("two new ClientIDs during one run cannot be told apart: a hold, and none is made void")
    func race() async throws {
        try await CloudBed.with(mode: .noPreregistration) { bed async throws in
            try await boot(bed)
            _ = try await bed.registerNew()
            _ = try await bed.registerNew()
            let id = try await iotID(bed)
            let step = try await step(bed)
            await #expect { try await step.settle(iotID: id, before: [], issued: nil) } throws: {
                ($0 as? Failure)?.code == .duplicateClientIDs
            }
            #expect(try await bed.desk.api.queryClientIDs(iotID: id).count == 2)
        }
    }

    @Test(
        "a relay whose first registration's answer was lost has two ClientIDs of its own, and keeps the one it was given"
    )
    func lostAnswer() async throws {
        try await CloudBed.with(mode: .noPreregistration) { bed async throws in
            _ = try await bed.registerNew()
            let given = try await bed.registerNew()
            let id = try await iotID(bed)
            let kept = try await step(bed).settle(iotID: id, before: [], issued: given.clientID, attempts: 2)
            #expect(kept == given.clientID)
            #expect(try await bed.desk.api.queryClientIDs(iotID: id).map(\.clientID) == [given.clientID])
        }
    }

    @Test("a name that exists before the unit's first boot is refused; one that its cut-off run made is its own")
    func names() async throws {
        try await CloudBed.with(mode: .noPreregistration) { bed async throws in
            func register() async throws -> String? {
                try await RegisterStep(
                    journal: bed.journal, desk: bed.desk,
                    patience: Patience(limit: .seconds(10), code: .registerCloud) { _ in }, run: bed.run,
                    unit: try await bed.journal.unit(bed.unit.id) ?? bed.unit, actor: "test"
                ).performWithoutPreregistration()
            }
            #expect(try await register() == nil)
            let look = try await bed.desk.api.lookUpDevice(
                .name(productKey: CloudBed.productKey, deviceName: bed.unit.deviceName.text))
            _ = try await bed.registerNew()
            await #expect { try await register() } throws: { ($0 as? Failure)?.code == .nameExists }
            _ = try await bed.journal.beginIntent(
                .run(bed.run), unit: bed.unit.id, effect: .boot, key: "x",
                details: ["not_there_at": .init(look.cloudDate)], actor: "test")
            #expect(try await register() == iotID(bed))
            #expect(try await bed.journal.unit(bed.unit.id)?.iotID == iotID(bed))
        }
    }
}
