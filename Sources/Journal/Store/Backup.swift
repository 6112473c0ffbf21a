import Crypto
import CutPoint
public import Foundation
import GRDB
import Provisioning

/// A backup of a station's journal: one SQLite file, a consistent copy of the journal at one moment, with the images of its
/// releases in a table. No secret is in it: the vault is not.
public struct JournalBackup: Sendable {
    public let file: String
    /// The last record in it.
    public let head: JournalHead
    public let records: Int64
    /// Of the file, 64 hexadecimal digits.
    public let sha256: String
    /// Bytes.
    public let size: Int64

    /// How far it is: pages copied of all, then records checked.
    public enum Progress: Sendable {
        case copied(pages: Int, of: Int)
        case checking
    }

    /// Folders of the data folder that go along.
    static let folders = ["releases"]

    /// Writes a backup of the journal in `folder`, whether a station runs there or not, and verifies it. Synchronous.
    ///
    /// The copy is made from one snapshot: the line goes on writing meanwhile, and none of that is in it.
    /// - Parameters:
    ///   - file: must not exist.
    ///   - folder: the station's data folder.
    /// - Throws: ``JournalError`` with `conflict` where the file exists, `broken` where the copy does not verify, `folder`,
    ///   `storage`.
    public static func write(
        of folder: String, to file: String, at time: Date = Date(), progress: @escaping (Progress) -> Void = { _ in }
    ) throws -> JournalBackup {
        guard !FileManager.default.fileExists(atPath: file) else {
            throw JournalError(.conflict, "\(file) exists; a backup never takes another file's place")
        }
        let journal = try Journal(folder: folder, access: .readOnly)
        let part = file + ".new"
        let leftovers = ["", "-journal", "-wal", "-shm"].map { part + $0 }
        for path in leftovers { try? FileManager.default.removeItem(atPath: path) }
        defer { for path in leftovers { try? FileManager.default.removeItem(atPath: path) } }
        guard FileManager.default.createFile(atPath: part, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw JournalError(.folder, "cannot write \(part): does its folder exist, and may this user write there?")
        }
        let found: ChainVerification
        do {
            let copy = try DatabaseQueue(path: part)
            try journal.pool.read { db in
                try copy.writeWithoutTransaction { target in
                    try db.backup(to: target, pagesPerStep: 2000) { step in
                        progress(.copied(pages: step.completedPageCount, of: step.totalPageCount))
                    }
                }
            }
            try copy.writeWithoutTransaction { db in try complete(db, folder: folder, time: time) }
            progress(.checking)
            found = try copy.read { try verify($0) }
            try copy.close()
        } catch let error as DatabaseError {
            throw JournalError(.storage, "the backup \(part): \(error.message ?? "\(error)")")
        }
        if let bad = found.firstBad {
            throw JournalError(
                .broken, "the backup is not whole: record \(bad.seq): \(bad.reason); run `station journal verify`")
        }
        let (sha256, size) = try digest(part)
        try DurableFile.sync(part)
        CutPoint.reach("backup.before")
        guard rename(part, file) == 0 else {
            throw JournalError(.folder, "rename \(part) to \(file): \(String(cString: strerror(errno)))")
        }
        CutPoint.reach("backup.after")
        try DurableFile.settle(file, from: part)
        return JournalBackup(
            file: file, head: JournalHead(seq: found.records, hash: found.head), records: found.records,
            sha256: sha256, size: size)
    }

    /// Makes a backup out of the bare copy: one file without a write-ahead log, its place on the chain, the releases.
    private static func complete(_ db: Database, folder: String, time: Date) throws {
        try db.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL")
        try db.inTransaction {
            let head = try Journal.head(db)
            try db.execute(
                sql: """
                    CREATE TABLE backup (seq INTEGER NOT NULL, hash TEXT NOT NULL, made_at TEXT NOT NULL);
                    CREATE TABLE backup_file (path TEXT PRIMARY KEY, bytes BLOB NOT NULL);
                    """)
            try db.execute(
                sql: "INSERT INTO backup VALUES (?, ?, ?)",
                arguments: [head?.seq ?? 0, head?.hash ?? "", Timestamp.text(time)])
            for name in folders {
                guard let paths = FileManager.default.enumerator(atPath: folder + "/" + name) else { continue }
                while let path = paths.nextObject() as? String {
                    var status = stat()
                    let full = folder + "/" + name + "/" + path
                    guard lstat(full, &status) == 0 else {
                        throw JournalError(.folder, "cannot read \(full): \(String(cString: strerror(errno)))")
                    }
                    guard status.st_mode & S_IFMT == S_IFREG else { continue }
                    try db.execute(
                        sql: "INSERT INTO backup_file VALUES (?, ?)",
                        arguments: [name + "/" + path, try Data(contentsOf: URL(fileURLWithPath: full))])
                }
            }
            return .commit
        }
    }

    /// SQLite's own check, then the whole chain up to the place the backup names.
    static func verify(_ db: Database) throws -> ChainVerification {
        let answer = try String.fetchOne(db, sql: "PRAGMA integrity_check")
        guard answer == "ok" else {
            return ChainVerification(
                records: 0,
                firstBad: (
                    0, "SQLite says \((answer ?? "nothing").split(separator: "\n").prefix(3).joined(separator: " "))"
                ), head: "")
        }
        guard try db.tableExists("backup"),
            let place = try Row.fetchOne(db, sql: "SELECT seq, hash FROM backup")
        else {
            return ChainVerification(records: 0, firstBad: (0, "it is no backup that `station backup` wrote"), head: "")
        }
        let seq: Int64 = place[0]
        let found = try ChainVerification.of(db, head: seq == 0 ? nil : JournalHead(seq: seq, hash: place[1]))
        guard found.isClean, found.records != seq else { return found }
        return ChainVerification(
            records: found.records,
            firstBad: (seq, "the backup ends at record \(seq), its journal at \(found.records)"),
            head: found.head)
    }

    static func digest(_ path: String) throws -> (sha256: String, size: Int64) {
        guard let file = FileHandle(forReadingAtPath: path) else { throw JournalError(.folder, "cannot read \(path)") }
        defer { try? file.close() }
        var (hash, size) = (SHA256(), Int64(0))
        while let block = try file.read(upToCount: 1 << 20), !block.isEmpty {
            hash.update(data: block)
            size += Int64(block.count)
        }
        return (Chain.hex(hash.finalize()), size)
    }
}

extension Journal {
    /// Records that a backup was written.
    public func recordBackup(file: String, head: JournalHead, sha256: String, actor: String) async throws {
        guard try await place(head.seq) == head else {
            throw JournalError(.conflict, "record \(head.seq) with hash \(head.hash) is not on this journal's chain")
        }
        try await append(
            kind: .backupWritten, actor: actor,
            body: ["file": .string(file), "head": Self.json(head), "sha256": .string(sha256)])
    }
}
