import CutPoint
import Foundation
import Crypto
import GRDB
import Provisioning

/// The texts of old runs, moved out of the live journal into a file: their digests and hashes stay, and with them the
/// chain, the facts and every report.
public struct RunArchive: Sendable {
    public let file: String
    /// First and last record whose text is in it; records between them may have stayed.
    public let first, last: Int64
    public let records: Int64
    /// Of the file, 64 hexadecimal digits.
    public let sha256: String
}

extension Journal {
    /// Kinds of records that only tell how a run went. Who was claimed, and what became of the unit, stays.
    static let archivable: [RecordKind] = [
        .runStarted, .identityRead, .intentBegun, .intentFinished, .cloudRead, .boardNoted, .clientIDKept,
        .mesAnswered, .runConcluded,
    ]

    /// Moves the texts of runs of orders that are over into `file`, a row of the export a line, where the runs and the
    /// order's end lie before `time`.
    ///
    /// The file is on disk before the journal lets go of a text. A crash between the two leaves a file that no record
    /// names; asked again with the same texts it is taken as it is.
    /// - Parameters:
    ///   - time: `YYYY-MM-DDThh:mm:ss.sssZ`.
    ///   - file: must not exist, or hold just these texts.
    /// - Returns: nil where there is nothing to move; then there is no file.
    public func archiveRuns(before time: String, to file: String, actor: String) async throws -> RunArchive? {
        let archive = try await write { writer -> RunArchive? in
            let db = writer.db
            let kinds = Self.archivable.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            try db.execute(
                sql: """
                    CREATE TEMP TABLE IF NOT EXISTS old_record (seq INTEGER PRIMARY KEY);
                    DELETE FROM old_record;
                    """)
            try db.execute(
                sql: """
                    INSERT INTO old_record SELECT record.seq FROM work_order
                        CROSS JOIN run ON run.work_order = work_order.id AND run.outcome IS NOT NULL
                        CROSS JOIN record ON json_extract(record.text, '$.body.run') = +run.id
                    WHERE work_order.state IN ('closed', 'terminated')
                        AND work_order.id NOT IN (
                            SELECT json_extract(text, '$.body.order') FROM record
                            WHERE instr(text, '"kind":"order.changed"') > 0 AND json_extract(text, '$.time') >= ?1)
                        AND json_extract(record.text, '$.time') < ?1
                        AND json_extract(record.text, '$.kind') IN (\(kinds))
                    """, arguments: [time])
            // The end of an intent names the unit alone.
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO old_record SELECT record.seq FROM work_order
                        CROSS JOIN unit ON unit.work_order = work_order.id
                        CROSS JOIN record ON json_extract(record.text, '$.body.unit') = +unit.id
                    WHERE work_order.state IN ('closed', 'terminated')
                        AND work_order.id NOT IN (
                            SELECT json_extract(text, '$.body.order') FROM record
                            WHERE instr(text, '"kind":"order.changed"') > 0 AND json_extract(text, '$.time') >= ?1)
                        AND json_extract(record.text, '$.time') < ?1
                        AND json_extract(record.text, '$.kind') = 'intent.finished'
                        AND json_extract(record.text, '$.body.intent') IN (
                            SELECT id FROM intent WHERE unit = unit.id AND run IS NOT NULL)
                    """, arguments: [time])
            guard
                let span = try Row.fetchOne(db, sql: "SELECT min(seq), max(seq), count(*) FROM old_record"),
                let first: Int64 = span[0], let last: Int64 = span[1], let count: Int64 = span[2]
            else { return nil }
            var moved = ArchivedRecords()
            let sha256 = try Self.write(db, to: file) { moved.add($0) }
            let archive = RunArchive(file: file, first: first, last: last, records: count, sha256: sha256)
            let number = try writer.append(
                .runsArchived, actor: actor,
                body: [
                    "first": .int(first), "last": .int(last), "records": .int(count), "before": .string(time),
                    "file": .string(file), "sha256": .string(sha256), "seqs_sha256": .string(moved.sha256),
                ])
            try writer.execute(
                "UPDATE run SET conclusion = NULL WHERE id IN (SELECT json_extract(text, '$.body.run') FROM record "
                    + "WHERE seq IN (SELECT seq FROM old_record) AND json_extract(text, '$.kind') = 'run.concluded')",
                [])
            try writer.execute(
                "UPDATE record SET text = ? WHERE seq IN (SELECT seq FROM old_record)", [String(number)])
            return archive
        }
        if archive != nil { try await writeHead() }
        return archive
    }

    private static func write(_ db: Database, to file: String, each: (Int64) -> Void) throws -> String {
        let part = file + ".new"
        let isThere = FileManager.default.fileExists(atPath: file)
        do {
            let sha256 = try writePart(db, to: part, each: each)
            guard try !isThere || sha256 == JournalBackup.digest(file).sha256 else {
                throw JournalError(.conflict, "\(file) exists; an archive never takes another file's place")
            }
            CutPoint.reach("runs-archive.before")
            guard rename(part, file) == 0 else {
                throw JournalError(.folder, "rename \(part): \(String(cString: strerror(errno)))")
            }
            CutPoint.reach("runs-archive.after")
            try DurableFile.settle(file, from: part)
            return sha256
        } catch {
            // The texts are in the journal still.
            unlink(part)
            throw error
        }
    }

    private static func writePart(_ db: Database, to part: String, each: (Int64) -> Void) throws -> String {
        let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw JournalError(.folder, "open \(part): \(String(cString: strerror(errno)))")
        }
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var hash = SHA256()
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT record.seq, text, digest, hash FROM old_record JOIN record ON record.seq = old_record.seq
                ORDER BY old_record.seq
                """)
        while let row = try rows.next() {
            let line =
                ExportRow(
                    seq: row[0], digest: [UInt8](row[2] as DatabaseBytes), hash: [UInt8](row[3] as DatabaseBytes),
                    record: Array((row[1] as String).utf8)
                ).line + [0x0A]
            hash.update(data: line)
            try output.write(contentsOf: DatabaseBytes(line))
            each(row[0])
        }
        try output.close()
        try DurableFile.sync(part)
        return Chain.hex(hash.finalize())
    }
}
