import AliyunIoT
import Foundation
import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("After a restore every device of the cloud is counted or explained before production goes on")
struct RestoreDeskTests {
    /// A journal restored from a backup of the bed's, and the commands of a leader on it.
    private static func restored(
        _ bed: CloudBed, _ body: (Journal, CommandContext, OrderGate) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/restored-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file = folder + "/one.backup"
        _ = try JournalBackup.write(of: bed.journal.folder, to: file)
        // Made after the backup: one that passed on this line, one of another station.
        for name in ["6055F9000010", "STRANGER"] {
            _ = try await bed.desk.api.registerDevice(productKey: CloudBed.productKey, deviceName: name)
        }
        _ = try await bed.desk.api.registerDevice(productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
        _ = try JournalRestore.restore(file, to: folder + "/data", witness: nil, actor: "cli:it")
        let journal = try Journal(folder: folder + "/data")
        let context = CommandContext(
            journal: journal, releases: ReleaseStore(dataFolder: journal.folder), profiles: [:], desk: bed.desk,
            actor: "cli:leader")
        let gate = OrderGate(
            settings: LineSettings(
                stationID: "T", dataFolder: journal.folder, slots: [], stubDirectory: nil,
                probeInterval: .milliseconds(50)),
            journal: journal, desk: bed.desk, events: LineEvents())
        try await body(journal, context, gate)
    }

    @Test("the order is held with ST-202, unknown devices are listed, and none may be left over")
    func settled() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun()
            try await Self.restored(bed) { journal, context, gate in
                try await journal.concludeInterrupted(actor: "test")
                let order = try #require(try await journal.order(bed.order.id))
                #expect(try await gate.check(order) == .refused(.journalBehind))
                #expect(try await journal.order(order.id)?.holdCode == "ST-202")

                let listed = try await StationCommand.listUnknown.perform(context)
                #expect(
                    Set((listed["devices"].array ?? []).compactMap { $0["device_name"].string }) == [
                        "6055F9000010", "STRANGER",
                    ])
                let wrong: [StationCommand] = [
                    .settleRestore(taken: [:], rest: nil, explained: ["STRANGER"], reason: "disk"),
                    .settleRestore(taken: [:], rest: order.id, explained: ["NOBODY"], reason: "disk"),
                    .settleRestore(taken: [:], rest: order.id, explained: [], reason: " "),
                    .settleRestore(taken: ["STRANGER": "WO-0099"], rest: order.id, explained: [], reason: "disk"),
                ]
                for command in wrong {
                    await #expect(throws: (any Error).self) { _ = try await command.perform(context) }
                    #expect(try await journal.productionHold() != nil)
                }
                let done = try await StationCommand.settleRestore(
                    taken: [:], rest: order.id, explained: ["stranger"], reason: "disk replaced"
                ).perform(context)
                #expect(done["taken_over"].int == 1 && done["explained"].int == 1)
                #expect(try await journal.order(order.id)?.claimed == 2)
                let held = try #require(try await journal.order(order.id))
                #expect(try await gate.check(held) == .ready)
                #expect(try await journal.order(order.id)?.state == .open)
                #expect(try await journal.verify().isClean)
            }
        }
    }

    @Test("the board of a name that was taken over registers under it")
    func comesBack() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun()
            try await Self.restored(bed) { journal, context, _ in
                _ = try await StationCommand.settleRestore(
                    taken: ["6055F9000010": bed.order.id], rest: nil, explained: ["STRANGER"], reason: "disk"
                ).perform(context)
                let mac = try MACAddress("6055F9000010")
                let run = try await journal.startRun(slot: "s", order: bed.order.id, actor: "test")
                let request = ClaimRule.Request(
                    order: bed.order.id, identity: .mac(mac), uid: HardwareUID(hex: "BB", source: .chip), mac: mac,
                    macBlock: 4, deviceName: try DeviceName(mac.hex), isUIDIndependent: true)
                guard
                    case .admitted(let unit, _) = try await journal.claim(
                        run: run, request: request, rule: ClaimRule(), actor: "test")
                else { throw JournalError(.conflict, "the claim was refused") }
                let id = try await RegisterStep(
                    journal: journal, desk: bed.desk,
                    patience: Patience(limit: .seconds(20), code: .registerCloud) { _ in }, run: run, unit: unit,
                    actor: "test"
                ).perform()
                #expect(try await bed.admin.devices().first { $0.deviceName == mac.hex }?.iotID == id)
                #expect(try await journal.order(bed.order.id)?.claimed == 2)
            }
        }
    }
}
