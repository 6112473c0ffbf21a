import Foundation
import GRDB
import Journal
import Provisioning
import Testing

@Suite("Tampering with the journal shows")
struct ChainTests {
    @Test("the writing connection promises that a commit survives a power loss")
    func durability() async throws {
        let bed = try await Bed()
        #expect(try await bed.journal.synchronousLevel() == 2)
    }

    @Test("a second process is refused while one owns the folder; readers are not")
    func lock() async throws {
        let bed = try await Bed()
        #expect(throws: JournalError.self) { try Journal(folder: bed.folder) }
        let reader = try Journal(folder: bed.folder, access: .readOnly)
        #expect(try await reader.verify().isClean)
        await #expect(throws: JournalError.self) {
            try await reader.append(kind: .stationStarted, actor: "test", body: nil)
        }
    }

    @Test(
        "edits, deletions, swaps and truncation are found, naming the first bad record",
        arguments: [
            ("UPDATE record SET text = replace(text, 'WO-0001', 'WO-0002') WHERE seq = 3", Int64(3)),
            ("DELETE FROM record WHERE seq = 4", 4),
            (
                "UPDATE record SET seq = 100 WHERE seq = 2; UPDATE record SET seq = 2 WHERE seq = 3; UPDATE record SET seq = 3 WHERE seq = 100",
                2
            ),
            ("DELETE FROM record WHERE seq = (SELECT max(seq) FROM record)", 6),
            ("UPDATE record SET hash = zeroblob(32) WHERE seq = 5", 5),
            ("UPDATE record SET digest = zeroblob(32) WHERE seq = 1", 1),
        ])
    func tampering(sql: String, firstBad: Int64) async throws {
        let bed = try await Bed()
        let (run, _) = try await bed.claim(bed.request("6055F9000000"))
        try await bed.conclude(run, .pass, flashed: true)
        #expect(try await bed.journal.verify().isClean)
        try await DatabaseQueue(path: bed.folder + "/journal.sqlite").write { try $0.execute(sql: sql) }
        let verification = try await bed.journal.verify()
        #expect(verification.firstBad?.seq == firstBad, "\(String(describing: verification.firstBad))")
    }

    @Test("a head file that was deleted, and a quota count that was edited, are found")
    func besideTheChain() async throws {
        let bed = try await Bed()
        let (run, _) = try await bed.claim(bed.request("6055F9000000"))
        try await bed.conclude(run, .pass, flashed: true)
        let file = URL(fileURLWithPath: bed.folder + "/head")
        let head = try Data(contentsOf: file)
        try FileManager.default.removeItem(at: file)
        #expect(try await bed.journal.verify().isClean == false)
        try head.write(to: file)
        #expect(try await bed.journal.verify().isClean)
        try await DatabaseQueue(path: bed.folder + "/journal.sqlite").write {
            try $0.execute(sql: "UPDATE work_order SET claimed = 0")
        }
        #expect(try await bed.journal.verify().isClean == false)
    }

    @Test("a journal that was cut past its head is not given a new head: the evidence stays")
    func cutIsNotCovered() async throws {
        let bed = try await Bed()
        let first = try await bed.claim(bed.request("6055F9000000"))
        try await bed.conclude(first.run, .pass, flashed: true)
        try await DatabaseQueue(path: bed.folder + "/journal.sqlite").write {
            try $0.execute(sql: "DELETE FROM record WHERE seq = (SELECT max(seq) FROM record)")
        }
        await #expect(throws: JournalError.self) { try await bed.journal.writeHead() }
        #expect(try await bed.journal.verify().isClean == false)
    }

    @Test("the exported rows rebuild the chain from their texts alone")
    func export() async throws {
        let bed = try await Bed()
        let lines = Lines()
        try await bed.journal.export(.jsonl) { lines.append($0) }
        var chain = Chain()
        for line in lines.all {
            let row = try JSONValue(parsing: line)
            let text = try #require(row["record"].string)
            chain.append(text: text)
            #expect(row["hash"].string == chain.head.map { String(format: "%02x", $0) }.joined())
            #expect(try JSONValue(parsing: text)["seq"] == row["seq"])
        }
        #expect(lines.all.count == 3)
    }

    @Test("a CSV export opens with a BOM, and a cell that begins like a formula is disarmed")
    func csv() async throws {
        let bed = try await Bed()
        try await bed.journal.append(kind: .boardNoted, actor: "=cmd|' /C calc'!A0", body: ["x": "a,\"b\""])
        let lines = Lines()
        try await bed.journal.export(.csv) { lines.append($0) }
        #expect(lines.all.first?.hasPrefix("\u{FEFF}seq,") == true)
        #expect(lines.all.last?.contains(",'=cmd|' /C calc'!A0,") == true)
    }

    @Test("runs that a crash left open are concluded interrupted, once, with what was under way")
    func interrupted() async throws {
        let bed = try await Bed()
        let (run, result) = try await bed.claim(bed.request("6055F9000000"))
        let unit = try #require(result.unit)
        _ = try await bed.journal.beginIntent(
            .run(run), unit: unit.id, effect: .register, key: "k", details: nil, actor: "test")
        #expect(try await bed.journal.concludeInterrupted(actor: "test") == [run])
        #expect(try await bed.journal.concludeInterrupted(actor: "test").isEmpty)
        let record = try #require(try await bed.journal.runs().first)
        #expect(record.outcome == .interrupted)
        #expect(record.conclusion["details"]["open_effects"].array == ["register"])
        let settled = try #require(try await bed.journal.unit(unit.id))
        #expect(settled.registrationUnknown && settled.state == .claimed)
    }
}

/// Lines collected from an export.
final class Lines: @unchecked Sendable {  // Written by one export at a time, read after it.
    private(set) var all: [String] = []
    func append(_ line: String) { all.append(line) }
}
