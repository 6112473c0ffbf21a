import CutPoint
public import Foundation
import GRDB
import Provisioning

/// Makes a data folder out of a backup. The journal in it is held: no board runs before a leader has settled what happened
/// after the backup was made (``Journal/settleHold(_:taken:explained:reason:actor:)``).
public enum JournalRestore {
    /// Restores `file` into `folder`, which must not be there, or be empty. Synchronous. A crash leaves a folder without a
    /// journal, or all of it.
    /// - Parameters:
    ///   - witness: what is known of the journal that was lost, from the witness of its head; nil = nothing.
    /// - Returns: the backup's last record.
    /// - Throws: ``JournalError`` with `broken` where the backup does not verify, `conflict` where the folder is not empty.
    public static func restore(
        _ file: String, to folder: String, witness: HeadWitness?, actor: String, at time: Date = Date()
    ) throws -> JournalHead {
        let files = FileManager.default
        guard files.fileExists(atPath: file) else { throw JournalError(.notFound, "there is no backup \(file)") }
        let there = (try? files.contentsOfDirectory(atPath: folder)) ?? []
        guard there.isEmpty || (there.contains(part) && there.allSatisfy(leftovers.contains)) else {
            throw JournalError(
                .conflict, "\(folder) is not empty; a backup is restored into a new folder, never over another journal")
        }
        try files.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in there { try files.removeItem(atPath: folder + "/" + name) }
        let path = folder + "/" + part
        try files.copyItem(atPath: file, toPath: path)
        try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let (old, new): (JournalHead, JournalHead)
        do {
            let queue = try DatabaseQueue(path: path)
            let found = try queue.read { try JournalBackup.verify($0) }
            if let bad = found.firstBad {
                throw JournalError(
                    .broken, "\(file) is not whole: record \(bad.seq): \(bad.reason); take another backup")
            }
            old = JournalHead(seq: found.records, hash: found.head)
            guard try queue.read({ try !Schema.migrator.hasBeenSuperseded($0) }) else {
                throw JournalError(.folder, "\(file) was made by a newer station; update this one")
            }
            try Schema.migrator.migrate(queue)
            try queue.read { try unpack($0, to: folder) }
            new = try queue.write { db in
                try db.execute(sql: "DROP TABLE backup; DROP TABLE backup_file; DELETE FROM witnessed")
                return try mark(
                    JournalWriter(db: db, now: time), head: old, file: file, witness: witness, actor: actor)
            }
            try queue.close()
        } catch let error as DatabaseError {
            throw JournalError(.storage, "the backup \(file): \(error.message ?? "\(error)")")
        }
        try DurableFile.sync(path)
        try new.write(in: folder)
        CutPoint.reach("restore.before")
        guard rename(path, folder + "/journal.sqlite") == 0 else {
            throw JournalError(.folder, "rename \(path): \(String(cString: strerror(errno)))")
        }
        CutPoint.reach("restore.after")
        try DurableFile.settle(folder + "/journal.sqlite", from: path)
        return old
    }

    private static let part = "journal.sqlite.new"

    /// What a restore that was cut off has left: the journal itself takes its place last.
    private static let leftovers = Set([part, part + "-journal", "head", "head.new"] + JournalBackup.folders)

    private static func mark(
        _ writer: JournalWriter, head: JournalHead, file: String, witness: HeadWitness?, actor: String
    ) throws -> JournalHead {
        let body: JSONValue = [
            "head": Journal.json(head), "from": .string((file as NSString).lastPathComponent),
            "witness": witness?.json ?? .null,
        ]
        try writer.append(.backupRestored, actor: actor, body: body)
        // A hold that was open when the backup was made is taken in: this one asks for no less.
        try writer.execute("UPDATE production_hold SET settled = 1", [])
        try Journal.hold(writer, .restored, body)
        return try Journal.head(writer.db) ?? head
    }

    /// Puts the files that came along where they were.
    private static func unpack(_ db: Database, to folder: String) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT path, bytes FROM backup_file ORDER BY path")
        while let row = try rows.next() {
            let path: String = row[0]
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count >= 2, JournalBackup.folders.contains(String(parts[0])),
                parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
            else { throw JournalError(.broken, "the backup holds a file at \(path), which no backup has") }
            let target = folder + "/" + path
            try FileManager.default.createDirectory(
                atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try DurableFile.replace(target, with: [UInt8](row[1] as DatabaseBytes))
        }
    }
}
