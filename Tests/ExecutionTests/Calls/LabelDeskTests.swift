import Foundation
import Journal
import Locking
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("Labels: printed one slot at a time, scanned back at their slot")
struct LabelDeskTests {
    private func desk(
        _ bed: CallBed, _ printer: LabelSettings.Printer, scan: String = "{device_name}",
        scanLimit: Duration = .seconds(300)
    ) throws -> LabelDesk {
        LabelDesk(
            station: "LINE-1",
            settings: LabelSettings(
                printer: printer, template: try LabelTemplate("^XA^FD{device_name}^FS^FD{serial}/{copy}^XZ"),
                scan: try LabelTemplate(scan), scanLimit: scanLimit), journal: bed.journal, actor: "station:LINE-1")
    }

    /// One slot with a board whose label is due.
    private final class Slot: Sendable {
        let name: String
        private let seen = Locked<[LabelDesk.Phase]>([])
        private let board = Locked(true)

        init(_ name: String) { self.name = name }

        var phases: [LabelDesk.Phase] { seen.withLock { $0 } }

        func takeBoard() { board.withLock { $0 = false } }

        func attend(_ desk: LabelDesk, _ job: LabelDesk.Job) async throws {
            try await desk.attend(job, show: { phase in self.seen.withLock { $0.append(phase) } }) {
                while self.board.withLock({ $0 }), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
            }
        }

        func reaches(_ what: String, _ isIt: @Sendable (LabelDesk.Phase) -> Bool) async throws {
            _ = try await eventually("\(what) at slot \(name)") { self.phases.last.flatMap { isIt($0) ? true : nil } }
        }

        func holds(_ code: FailureCode) async throws {
            try await reaches(code.text) { if case .held(let failure) = $0 { failure.code == code } else { false } }
        }
    }

    @Test("the second slot's label comes out only when the first one's was scanned; a wrong scan changes nothing")
    func turns() async throws {
        try await CallBed.with { bed async throws in
            try await PlantPrinter.with { printer async throws in
                let desk = try desk(bed, .socket(host: "127.0.0.1", port: printer.port))
                let (one, two) = (Slot("1"), Slot("2"))
                let (first, second) = (try await bed.run(1, slot: "1"), try await bed.run(2, slot: "2"))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await one.attend(desk, first) }
                    try await one.reaches("scan") { $0 == .scan }
                    group.addTask { try await two.attend(desk, second) }
                    try await two.reaches("queue") { $0 == .queued }
                    #expect(await desk.waitingSlots == ["1", "2"])
                    #expect(printer.labels == ["^XA^FD6055F9000001^FS^FD000001/1^XZ"])

                    // The other board's label, at the wrong slot and at its own before it is printed there.
                    guard
                        case .wrong(let failure) = try await desk.confirm(slot: "1", text: "6055F9000002", actor: "p")
                    else {
                        Issue.record("it was taken")
                        return
                    }
                    #expect(failure.code == .labelOther && !failure.detail.contains("6055F9000001"))
                    #expect(try await desk.confirm(slot: "9", text: "6055F9000001", actor: "p") == .notAsked)
                    // A sticker that says the same as the label that is not printed yet.
                    #expect(try await desk.confirm(slot: "2", text: "6055F9000002", actor: "p") == .notAsked)
                    #expect(one.phases.last == .scan && printer.labels.count == 1)

                    #expect(
                        try await desk.confirm(slot: "1", text: "6055F9000001", actor: "person:1")
                            == .accepted(slot: "1"))
                    try await one.reaches("PASS") { $0 == .confirmed }
                    #expect(try await desk.confirm(slot: "1", text: "6055F9000001", actor: "person:1") == .notAsked)
                    try await two.reaches("scan") { $0 == .scan }
                    #expect(printer.labels.count == 2)
                    #expect(
                        // As a scanner types it that is set to name the symbology.
                        try await desk.confirm(slot: nil, text: "]d16055F9000002", actor: "person:1")
                            == .accepted(slot: "2"))
                    one.takeBoard()
                    two.takeBoard()
                    try await group.waitForAll()
                }
                #expect(await desk.waitingSlots.isEmpty)
                #expect(await desk.health.level == .ok)
                let sent = try await bed.bodies(.labelSent)
                #expect(sent.map { $0["copy"] } == [1, 1] && sent.allSatisfy { $0["reason"] == nil })
                #expect(try await bed.bodies(.labelConfirmed).map { $0["slot"] } == ["1", "2"])
                #expect(try await bed.bodies(.labelHeld).isEmpty)
            }
        }
    }

    @Test("a printer that is off holds the slot, never the PASS; the label comes by itself when it is on")
    func off() async throws {
        try await CallBed.with { bed async throws in
            let port = try await freePort()
            let desk = try desk(bed, .socket(host: "127.0.0.1", port: port))
            let slot = Slot("1")
            let job = try await bed.run(1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await slot.attend(desk, job) }
                try await slot.holds(.labelPrinter)
                #expect(await desk.health.level == .bad)
                #expect(try await bed.journal.unit(job.unit.id)?.state == .passed)
                try await PlantPrinter.with(port: port) { printer async throws in
                    #expect(try await printer.labels(1) == ["^XA^FD6055F9000001^FS^FD000001/1^XZ"])
                    try await slot.reaches("scan") { $0 == .scan }
                    #expect(try await desk.confirm(slot: "1", text: "6055F9000001", actor: "p") == .accepted(slot: "1"))
                }
                slot.takeBoard()
                try await group.waitForAll()
            }
            // Nothing had reached the printer: it is the first copy still.
            #expect(try await bed.bodies(.labelSent).map { $0["copy"] } == [1])
            #expect(try await bed.bodies(.labelHeld).map { $0["failure_code"] } == ["ST-301"])
        }
    }

    @Test("a printer that breaks the connection off may have printed: the next label is a copy with its reason")
    func breaksOff() async throws {
        try await CallBed.with { bed async throws in
            try await PlantPrinter.with(breaksOff: true) { printer async throws in
                let desk = try desk(bed, .socket(host: "127.0.0.1", port: printer.port))
                let slot = Slot("1")
                let job = try await bed.run(1)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await slot.attend(desk, job) }
                    try await slot.holds(.labelPrinter)
                    #expect(
                        await desk.reprint(
                            deviceName: "6055F9000001", reason: "printer was switched on", actor: "person:2"))
                    _ = try await eventually("copy 2") { try await bed.bodies(.labelSent).count == 2 ? true : nil }
                    slot.takeBoard()
                    try await group.waitForAll()
                }
                let sent = try await bed.bodies(.labelSent)
                #expect(sent.map { $0["copy"] } == [1, 2])
                #expect(sent[1]["reason"] == "printer was switched on (person:2)")
            }
        }
    }

    @Test("a board that left without its label gets it when it is placed again, as a copy with the reason")
    func later() async throws {
        try await CallBed.with { bed async throws in
            try await PlantPrinter.with { printer async throws in
                let desk = try desk(
                    bed, .socket(host: "127.0.0.1", port: printer.port), scanLimit: .milliseconds(100))
                let job = try await bed.run(1)
                let first = Slot("1")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await first.attend(desk, job) }
                    try await first.holds(.labelNotScanned)
                    first.takeBoard()
                    try await group.waitForAll()
                }
                // The unit is found by the run that was refused because it has passed.
                let run = try await bed.journal.startRun(slot: "2", order: bed.order.id, actor: "test")
                try await bed.journal.recordIdentity(
                    run: run, phase: "identify", identity: job.unit.identity, uid: job.unit.uid, details: nil,
                    actor: "test")
                let unit = try #require(try await bed.journal.unit(ofRun: run))
                #expect(unit.id == job.unit.id)
                let second = Slot("2")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await second.attend(
                            desk, LabelDesk.Job(unit: unit, order: bed.order, slot: "2", run: run))
                    }
                    _ = try await printer.labels(2)
                    _ = try await eventually("the scan is taken") {
                        try await desk.confirm(slot: "2", text: "6055F9000001", actor: "p") == .accepted(slot: "2")
                            ? true : nil
                    }
                    second.takeBoard()
                    try await group.waitForAll()
                }
                #expect(
                    try await bed.bodies(.labelSent).map { $0["reason"] } == [nil, "copy 1 was not scanned back"])
                // Placed a third time it needs nothing.
                let third = Slot("1")
                third.takeBoard()
                try await third.attend(desk, LabelDesk.Job(unit: unit, order: bed.order, slot: "1", run: run))
                #expect(third.phases == [.confirmed] && printer.labels.count == 2)
            }
        }
    }

    @Test("a text that is already another unit's label is not printed")
    func taken() async throws {
        try await CallBed.with { bed async throws in
            try await PlantPrinter.with { printer async throws in
                let desk = try desk(bed, .socket(host: "127.0.0.1", port: printer.port))
                let (one, two) = (try await bed.run(1), try await bed.run(2))
                let begun = try await bed.journal.beginLabel(
                    unit: one.unit.id, run: one.run, slot: "1", text: two.unit.deviceName.text, reason: nil, actor: "t")
                #expect(begun == .copy(1))
                let slot = Slot("1")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await slot.attend(desk, two) }
                    try await slot.holds(.labelTaken)
                    slot.takeBoard()
                    try await group.waitForAll()
                }
                #expect(printer.labels.isEmpty)
            }
        }
    }

    @Test("by a command the label is its input, byte for byte, also where it is long or not read at all")
    func command() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/label-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let label = "^XA^FD工单^FS" + String(repeating: "0123456789", count: 50_000) + "^XZ"
        let words = ["sh", "-c", "cat > \"$1\"", "print", folder + "/label"]
        try await LabelPrinter(target: .command(words), limit: .seconds(60)).send(label)
        #expect(try String(contentsOfFile: folder + "/label", encoding: .utf8) == label)
        try await LabelPrinter(target: .command(["true"]), limit: .seconds(60)).send(label)
        await #expect(throws: CallTrouble.self) {
            try await LabelPrinter(target: .command(["false"]), limit: .seconds(60)).send(label)
        }
    }
}
