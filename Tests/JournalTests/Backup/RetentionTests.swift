import Foundation
import GRDB
import Journal
import Locking
import Provisioning
import Testing

@Suite("Old runs in a file of their own")
struct RetentionTests {
    /// A journal with an order that is over.
    private func closed() async throws -> (bed: Bed, file: String) {
        let bed = try await Bed()
        for mac in ["7CDFA1000000", "7CDFA1000004"] { try await BackupTests.pass(bed, mac) }
        let file = bed.folder + "/runs-1.jsonl"
        #expect(try await bed.journal.archiveRuns(before: Self.later, to: file, actor: "cli:it") == nil)
        try await bed.journal.changeOrder(bed.order.id, to: .closing, reason: "test", actor: "test")
        try await bed.journal.changeOrder(bed.order.id, to: .closed, reason: "test", actor: "test")
        #expect(try await bed.journal.archiveRuns(before: "2020-01-01T00:00:00.000Z", to: file, actor: "cli:it") == nil)
        return (bed, file)
    }

    private func archived() async throws -> (bed: Bed, archive: RunArchive, file: String) {
        let (bed, file) = try await closed()
        let archive = try await bed.journal.archiveRuns(before: Self.later, to: file, actor: "cli:it")
        return (bed, try #require(archive), file)
    }

    private static let later = "2999-01-01T00:00:00.000Z"

    @Test("never take another file's place, and leave nothing beside it")
    func otherFile() async throws {
        let (bed, file) = try await closed()
        try "somebody's".write(toFile: file, atomically: true, encoding: .utf8)
        let refused = await #expect(throws: JournalError.self) {
            try await bed.journal.archiveRuns(before: Self.later, to: file, actor: "cli:it")
        }
        #expect(refused?.code == .conflict)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "somebody's")
        #expect(!FileManager.default.fileExists(atPath: file + ".new"))
    }

    @Test("are moved when asked again, where the file was written and the journal was not")
    func cutOff() async throws {
        let (bed, file) = try await closed()
        let other = try DatabaseQueue(path: bed.folder + "/journal.sqlite")
        try await other.write { db in
            try db.execute(
                sql: "CREATE TRIGGER cut BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'cut off'); END")
        }
        await #expect(throws: (any Error).self) {
            try await bed.journal.archiveRuns(before: Self.later, to: file, actor: "cli:it")
        }
        let left = try Data(contentsOf: URL(fileURLWithPath: file))
        try await other.write { try $0.execute(sql: "DROP TRIGGER cut") }
        let archive = try await bed.journal.archiveRuns(before: Self.later, to: file, actor: "cli:it")
        #expect(archive?.records == 4)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == left)
        #expect(try await bed.journal.verify().isClean)
    }

    @Test("leave digests, hashes and facts: the chain verifies, the export has null for them, the file has their texts")
    func moved() async throws {
        let (bed, archive, file) = try await archived()
        #expect(archive.records == 4)
        #expect(try await bed.journal.verify().isClean)
        let lines = Locked<[String]>([])
        try await bed.journal.export(.jsonl) { line in lines.withLock { $0.append(line) } }
        let rows = try lines.now.map { try ExportRow(line: Array($0.utf8.dropLast())) }
        #expect(rows.count { $0.record == nil } == 4)
        let kept = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            .map { try ExportRow(line: Array($0.utf8)) }
        #expect(kept.count == 4)
        for row in kept {
            #expect(rows[Int(row.seq) - 1].hash == row.hash && row.record != nil)
        }
        let facts = Locked(0)
        try await bed.journal.facts(.order(bed.order.id)) { _ in facts.withLock { $0 += 1 } }
        #expect(facts.now == 4)
        // What is there already is not moved again.
        let again = bed.folder + "/runs-2.jsonl"
        #expect(try await bed.journal.archiveRuns(before: Self.later, to: again, actor: "cli:it") == nil)
        #expect(!FileManager.default.fileExists(atPath: again))
    }

    @Test(
        "a text that is cut out beside them is found",
        arguments: [
            "UPDATE record SET text = (SELECT text FROM record WHERE text NOT LIKE '{%' LIMIT 1) WHERE seq = 2",
            "UPDATE record SET text = '99' WHERE seq = 3",
        ])
    func cut(_ statement: String) async throws {
        let (bed, _, _) = try await archived()
        try await DatabaseQueue(path: bed.folder + "/journal.sqlite").write { try $0.execute(sql: statement) }
        let found = try await bed.journal.verify()
        #expect(found.firstBad?.reason.contains("cut out") == true)
    }
}
