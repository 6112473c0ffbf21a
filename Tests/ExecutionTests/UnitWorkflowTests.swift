import AliyunIoT
import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("A leader's workflow changes one device, once, and stands in the journal")
struct UnitWorkflowTests {
    @Test("scrap deletes the device by its IotId, the unit is scrapped, and its place is not given back")
    func scrap() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun()
            let unit = try await bed.workflow(.scrap(destroyed: false))
            #expect(unit.state == .scrapped)
            #expect(try await bed.admin.devices().isEmpty)
            #expect(try await bed.journal.order(bed.order.id)?.claimed == 1)
            let counts = try await bed.journal.recordCounts()
            #expect(counts["workflow.begun"] == 1 && counts["workflow.concluded"] == 1)
            await #expect(throws: StationCommand.CommandError.self) {
                _ = try await bed.workflow(.scrap(destroyed: false))
            }
        }
    }

    @Test("with two signatures on the destruction the quota gets its place back; with one nothing happens")
    func destroyed() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun()
            for second in [nil, "", "leader", "cli:leader"] {
                await #expect(throws: StationCommand.CommandError.self) {
                    _ = try await bed.workflow(.scrap(destroyed: true), second: second)
                }
            }
            #expect(try await bed.admin.devices().count == 1)
            _ = try await bed.workflow(.scrap(destroyed: true), second: "engineer")
            #expect(try await bed.journal.order(bed.order.id)?.claimed == 0)
        }
    }

    @Test("a device that was made again under the name is not touched: its IotId is another one")
    func otherDevice() async throws {
        try await CloudBed.with { bed async throws in
            try await bed.desk.api.deleteDevice(iotID: bed.register())
            let stranger = try await bed.desk.api.registerDevice(
                productKey: CloudBed.productKey, deviceName: bed.unit.deviceName.text)
            try await bed.concludeRun()
            #expect(try await bed.workflow(.scrap(destroyed: false)).state == .scrapped)
            #expect(try await bed.admin.devices().map(\.iotID) == [stranger.iotID])
        }
    }

    @Test("a device under the name that no record explains stops the workflow")
    func unexplained() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.desk.api.registerDevice(
                productKey: CloudBed.productKey, deviceName: bed.unit.deviceName.text)
            try await bed.concludeRun()
            await #expect(throws: StationCommand.CommandError.self) {
                _ = try await bed.workflow(.scrap(destroyed: false))
            }
            #expect(try await bed.admin.devices().count == 1)
        }
    }

    @Test("answers that are lost are looked after: the device is deleted once and the workflow ends well")
    func lostReplies() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun()
            try await bed.admin.set(FaultSettings(lostReplyRate: 0.5))
            let unit = try await bed.workflow(.scrap(destroyed: false))
            try await bed.admin.set(FaultSettings(lostReplyRate: 0))
            #expect(unit.state == .scrapped)
            #expect(try await bed.admin.devices().isEmpty)
        }
    }

    @Test("without the second AccessKey nothing is begun")
    func noSecondKey() async throws {
        try await CloudBed.with(hasSecondKey: false) { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun()
            for request in [UnitRequest.scrap(destroyed: false), .reset, .disable] {
                await #expect(throws: StationCommand.CommandError.self) { _ = try await bed.workflow(request) }
            }
            #expect(try await bed.journal.recordCounts()["workflow.begun"] == nil)
        }
    }

    @Test("while a run of the unit is open no workflow begins")
    func runOpen() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            await #expect(throws: JournalError.self) { _ = try await bed.workflow(.disable) }
        }
    }

    @Test("while a workflow of its unit is under way a board is not admitted, and nobody else is in its place")
    func claimDuringWorkflow() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun()
            let unit = try #require(try await bed.journal.unit(bed.unit.id))
            let ticket = try await bed.journal.beginWorkflow(
                "scrap", unit: unit, reason: "test", second: nil, before: nil, actor: "test")
            let run = try await bed.journal.startRun(slot: "s", order: bed.order.id, actor: "test")
            let mac = try MACAddress("6055F9000000")
            let request = ClaimRule.Request(
                order: bed.order.id, identity: .mac(mac), uid: HardwareUID(hex: "AA", source: .chip), mac: mac,
                macBlock: 4, deviceName: bed.unit.deviceName, isUIDIndependent: true)
            func code() async throws -> FailureCode? {
                let result = try await bed.journal.claim(run: run, request: request, rule: ClaimRule(), actor: "test")
                if case .refused(let failure) = result { return failure.code }
                return nil
            }
            #expect(try await code() == .unitHeld)
            try await bed.journal.concludeWorkflow(ticket, result: "given up", actor: "test")
            #expect(try await code() == nil)
        }
    }

    @Test("a re-flash of a device that has been active is refused by an order that relays", arguments: [true, false])
    func reflashUnderRelay(_ wasActive: Bool) throws {
        let mac = try MACAddress("6055F9000000")
        let name = try DeviceName(mac.hex)
        let uid = HardwareUID(hex: "AA", source: .chip)
        let order = WorkOrder(
            id: "WO-0002",
            terms: .init(productKey: "a1", release: "1", profile: "p", quota: 5, activation: .relay), state: .open)
        let unit = BoardUnit(
            id: 1, order: "WO-0001", productKey: "a1", identity: .mac(mac), uid: uid, deviceName: name, state: .passed,
            runs: 1, pending: .reflash, activity: wasActive ? .seen : .none)
        let request = ClaimRule.Request(
            order: order.id, identity: .mac(mac), uid: uid, mac: mac, macBlock: 4, deviceName: name,
            isUIDIndependent: true)
        let decision = ClaimRule().decide(request, order: order, known: .init(byIdentity: unit))
        if case .refuse(let failure) = decision {
            #expect(wasActive && failure.code == .alreadyActive)
        } else {
            #expect(!wasActive && decision == .again(.full(.writeAll, .relay)))
        }
    }

    @Test("ordered work counts against the run limit, and ends a hold")
    func orderedWork() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun(.held, code: .nameExists)
            #expect(try await bed.journal.unit(bed.unit.id)?.state == .held)
            #expect(try await bed.workflow(.reflash).state == .failed)
            let mac = try MACAddress("6055F9000000")
            let request = ClaimRule.Request(
                order: bed.order.id, identity: .mac(mac), uid: HardwareUID(hex: "AA", source: .chip), mac: mac,
                macBlock: 4, deviceName: bed.unit.deviceName, isUIDIndependent: true)
            var codes: [FailureCode?] = []
            for _ in 1...4 {
                let run = try await bed.journal.startRun(slot: "s", order: bed.order.id, actor: "test")
                let result = try await bed.journal.claim(run: run, request: request, rule: ClaimRule(), actor: "test")
                if case .refused(let failure) = result { codes.append(failure.code) } else { codes.append(nil) }
                try await bed.journal.conclude(
                    run: run, conclusion: .init(outcome: .fail, failure: Failure(.digestMismatch, "test")),
                    isFlashed: false, steps: [], evidence: nil, details: nil, actor: "test")
            }
            #expect(codes == [nil, nil, nil, .runLimit])
        }
    }

    @Test("disable and enable can be asked for twice; each changes the cloud once")
    func disable() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun()
            for _ in 1...2 { _ = try await bed.workflow(.disable) }
            #expect(try await bed.admin.devices().first?.status == "DISABLE")
            for _ in 1...2 { _ = try await bed.workflow(.enable) }
            #expect(try await bed.admin.devices().first?.status == "UNACTIVE")
            let results = try await bed.bodies("intent.finished").compactMap { $0["result"].string }
            #expect(results == ["created", "done", "already so", "done", "already so"])
        }
    }

    @Test("replace scraps the unit and links the board that is claimed in its place")
    func replace() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun()
            let other = try MACAddress("6055F9000010")
            let unit = try await bed.workflow(.replace(identity: other.hex, destroyed: false))
            #expect(unit.state == .replaced)
            let run = try await bed.journal.startRun(slot: "s", order: bed.order.id, actor: "test")
            let request = ClaimRule.Request(
                order: bed.order.id, identity: .mac(other), uid: HardwareUID(hex: "BB", source: .chip), mac: other,
                macBlock: 4, deviceName: try DeviceName(other.hex), isUIDIndependent: true)
            _ = try await bed.journal.claim(run: run, request: request, rule: ClaimRule(), actor: "test")
            #expect(try await bed.lastBody("claim.bound")?["replaces"].int == bed.unit.id)
        }
    }

    @Test("without pre-registration scrap disables: a deleted name would come into being again")
    func scrapWithoutPreregistration() async throws {
        try await CloudBed.with(mode: .noPreregistration) { bed async throws in
            _ = try await bed.registerNew()
            let device = try #require(try await bed.admin.devices().first)
            try await bed.journal.keepClientID(
                "c", run: bed.run, unit: bed.unit.id, iotID: device.iotID, found: [], actor: "test")
            try await bed.concludeRun()
            #expect(try await bed.workflow(.scrap(destroyed: false)).state == .scrapped)
            #expect(try await bed.admin.devices().map(\.status) == ["DISABLE"])
        }
    }

    @Test("12 registrations of one name at once give exactly 5 ClientIDs; switch leaves one, clear none")
    func clientIDs() async throws {
        try await CloudBed.with(mode: .noPreregistration) { bed async throws in
            let issued = await withTaskGroup(of: ClientCredential?.self) { group in
                for _ in 1...12 { group.addTask { try? await bed.registerNew() } }
                return await group.reduce(into: [ClientCredential]()) { if let one = $1 { $0.append(one) } }
            }
            #expect(issued.count == 5)
            let device = try #require(try await bed.admin.devices().first)
            #expect(try await bed.desk.api.queryClientIDs(iotID: device.iotID).count == 5)
            try await bed.journal.keepClientID(
                issued[0].clientID, run: bed.run, unit: bed.unit.id, iotID: device.iotID, found: [], actor: "test")
            try await bed.concludeRun()
            _ = try await bed.workflow(.keepClientID(issued[3].clientID))
            #expect(try await bed.desk.api.queryClientIDs(iotID: device.iotID).map(\.clientID) == [issued[3].clientID])
            #expect(try await bed.journal.unit(bed.unit.id)?.clientID == issued[3].clientID)
            await #expect(throws: StationCommand.CommandError.self) {
                _ = try await bed.workflow(.keepClientID("nobody"))
            }
            _ = try await bed.workflow(.clearClientIDs)
            #expect(try await bed.desk.api.queryClientIDs(iotID: device.iotID).isEmpty)
            #expect(try await bed.journal.unit(bed.unit.id)?.clientID == nil)
        }
    }

    @Test("reset and re-flash wait for the board, and are refused where nothing would prove it")
    func pending() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun(.pass)
            let unit = try await bed.workflow(.reset)
            #expect(unit.pending == .reset && unit.state == .passed)
            let run = try await bed.journal.startRun(slot: "s", order: bed.order.id, actor: "test")
            func claim(_ isIndependent: Bool) async throws -> ClaimResult {
                let mac = try MACAddress("6055F9000000")
                let request = ClaimRule.Request(
                    order: bed.order.id, identity: .mac(mac), uid: HardwareUID(hex: "AA", source: .chip), mac: mac,
                    macBlock: 4, deviceName: bed.unit.deviceName, isUIDIndependent: isIndependent)
                return try await bed.journal.claim(run: run, request: request, rule: ClaimRule(), actor: "test")
            }
            if case .refused(let failure) = try await claim(false) {
                #expect(failure.code == .notProvenSame)
            } else {
                Issue.record("a board that nothing proves was admitted")
            }
            if case .admitted(_, let admission) = try await claim(true) {
                #expect(admission == .init(flash: .skipMatching, activation: .board, resets: true))
            } else {
                Issue.record("the same board was refused")
            }
            #expect(try await bed.journal.order(bed.order.id)?.claimed == 1)
        }
    }
}
