public import Foundation
import GRDB
public import Provisioning

/// The append-only, hash-chained record of everything the station decided and did: the only truth.
///
/// ```
///   intent ──► outside effect ──► outcome        each a record, each durable before the next thing happens
/// ```
///
/// One SQLite file (WAL, `synchronous = FULL`, proved at opening) holds the records and the tables derived from them in
/// the same transactions: claims, runs, open intents. Writes run on GRDB's own serial queue, never on the shared pool of
/// Swift tasks. One process opens a folder for writing; readers are not locked out.
public final class Journal: Sendable {
    /// Whether the journal is opened to write (taking the folder's lock) or only to read.
    public enum Access: Sendable { case readWrite, readOnly }

    /// The station's data folder.
    public let folder: String
    let pool: any DatabaseReader
    private let writer: (any DatabaseWriter)?
    /// How writes of a journal of simulated work share transactions; nil in every journal of real work.
    private let bulk: BulkWriting?
    private let lock: FolderLock?
    private let wallClock: @Sendable () -> Date
    /// File outside the data folder that the head is compared with at each opening for writing; nil = none.
    let witness: String?
    /// Whether the place of the data folder is compared with the one that was recorded (``StationMark``).
    let watchesPlace: Bool

    /// Opens the journal in `folder`, making both when they do not exist and `access` is to write.
    /// - Parameters:
    ///   - witness: path of the head's witness (``HeadWitness``); nil = the journal has none.
    ///   - watchesPlace: whether a folder that is another one than was recorded, or on another machine, holds production.
    /// - Throws: ``JournalError`` with `locked`, `folder`, `notDurable` or `storage`.
    public init(
        folder: String, access: Access = .readWrite, witness: String? = nil, watchesPlace: Bool = false,
        wallClock: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        self.folder = folder
        self.witness = witness
        self.watchesPlace = watchesPlace
        self.wallClock = wallClock
        bulk = nil
        let path = folder + "/journal.sqlite"
        var configuration = Configuration()
        configuration.label = "journal"
        configuration.busyMode = .timeout(10)
        switch access {
        case .readOnly:
            guard FileManager.default.fileExists(atPath: path) else {
                throw JournalError(.folder, "there is no journal in \(folder); check --data")
            }
            configuration.readonly = true
            pool = try Self.mapped(folder) {
                let opened = try DatabasePool(path: path, configuration: configuration)
                guard try opened.read({ try Schema.migrator.hasCompletedMigrations($0) }) else {
                    throw JournalError(
                        .folder,
                        "\(path) was made by an older station and is brought up to date when this one's `serve` starts")
                }
                return opened
            }
            (writer, lock) = (nil, nil)
        case .readWrite:
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            lock = try FolderLock(folder: folder)
            let opened = try Self.mapped(folder) {
                let opened = try DatabasePool(path: path, configuration: configuration)
                try Self.insistOnDurability(opened)
                guard try opened.read({ try !Schema.migrator.hasBeenSuperseded($0) }) else {
                    throw JournalError(.folder, "\(path) was made by a newer station; update this one")
                }
                try Schema.migrator.migrate(opened)
                let mark = watchesPlace ? StationMark.read(folder: folder) : nil
                if witness != nil || mark != nil {
                    try opened.write {
                        try Self.compare(witness: witness, mark: mark, JournalWriter(db: $0, now: wallClock()))
                    }
                }
                return opened
            }
            (writer, pool) = (opened, opened)
        }
    }

    /// Makes a journal of simulated work, whose writes share transactions: fast, and nothing of it is durable before
    /// ``finishSimulation()``. Both clocks of its records are the simulated one, so that the same work makes the same chain.
    /// - Throws: ``JournalError`` with `conflict` where the folder has a journal: work that was done is never written so.
    package init(simulationIn folder: String, wallClock: @escaping @Sendable () -> Date) throws {
        self.folder = folder
        witness = nil
        watchesPlace = false
        self.wallClock = wallClock
        bulk = BulkWriting()
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        lock = try FolderLock(folder: folder)
        let path = folder + "/journal.sqlite"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw JournalError(.conflict, "\(folder) has a journal; simulated work goes into a folder of its own")
        }
        let queue = try BulkWriting.queue(path: path)
        try Schema.migrator.migrate(queue)
        (writer, pool) = (queue, queue)
    }

    /// Ends a simulation: everything is on disk and the journal is as any other.
    /// - Returns: where its chain ends.
    @discardableResult
    package func finishSimulation() async throws -> JournalHead? {
        guard let writer, let bulk else { return nil }
        try await mapped { try await writer.writeWithoutTransaction { try bulk.finish($0) } }
        try writer.close()
        let opened = try DatabasePool(path: folder + "/journal.sqlite")
        try Self.insistOnDurability(opened)
        try await putHead(opened)
        try opened.close()
        return try JournalHead.read(in: folder)
    }

    /// GRDB sets NORMAL while it opens a WAL pool; FULL is asked for again and read back.
    private static func insistOnDurability(_ pool: DatabasePool) throws {
        let (mode, synchronous) = try pool.unsafeReentrantWrite { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            return (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous")
            )
        }
        guard mode == "wal", synchronous == 2 else {
            throw JournalError(
                .notDurable,
                "expected journal_mode wal and synchronous 2 (FULL), received \(mode ?? "?") and "
                    + "\(synchronous.map(String.init) ?? "?"); the file system may not support WAL")
        }
    }

    /// The durability SQLite promises on the writing connection: 2 = FULL.
    public func synchronousLevel() async throws -> Int? {
        try await writer?.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
    }

    /// Runs `body` in one durable transaction; what it appends is on disk when this returns. A cancelled task still
    /// writes: what was begun is recorded, whoever gave up waiting.
    func write<R: Sendable>(_ body: @Sendable @escaping (JournalWriter) throws -> R) async throws -> R {
        guard let writer else { throw JournalError(.conflict, "the journal in \(folder) is open read-only") }
        let clock = wallClock
        guard let bulk else {
            return try await mapped {
                try await Task { try await writer.write { try body(JournalWriter(db: $0, now: clock())) } }.value
            }
        }
        return try await mapped {
            try await writer.writeWithoutTransaction { db in
                let now = clock()
                return try bulk.write(db) { try body(JournalWriter(db: db, now: now, monotonic: { now.nanoseconds })) }
            }
        }
    }

    /// Appends one record that changes no derived table.
    /// - Returns: its sequence number.
    @discardableResult
    public func append(kind: RecordKind, actor: String, body: JSONValue) async throws -> Int64 {
        try await write { try $0.append(kind, actor: actor, body: body) }
    }

    /// Writes the chain's present place to the head file; on the writer's queue, so that heads follow each other in order.
    ///
    /// Done at every start and stop, each conclude and each closing of an order.
    /// - Throws: ``JournalError`` with `broken` when the place the head file names does not lie on the chain any more: the
    ///   journal was cut or rewritten, and the evidence is not overwritten.
    public func writeHead() async throws {
        guard let writer, bulk == nil else { return }
        try await putHead(writer)
    }

    private func putHead(_ writer: any DatabaseWriter) async throws {
        let (folder, witness) = (folder, witness)
        try await mapped {
            try await Task {
                try await writer.writeWithoutTransaction { db in
                    func hash(_ condition: String) throws -> (seq: Int64, hash: String)? {
                        try Row.fetchOne(db, sql: "SELECT seq, hash FROM record \(condition) LIMIT 1").map {
                            ($0[0], Chain.hex($0[1] as DatabaseBytes))
                        }
                    }
                    guard let last = try hash("ORDER BY seq DESC") else { return }
                    if let old = try JournalHead.read(in: folder), try hash("WHERE seq = \(old.seq)")?.hash != old.hash
                    {
                        throw JournalError(
                            .broken,
                            "the head file names record \(old.seq), which is not on the chain: the journal in \(folder) was "
                                + "cut or rewritten; run `station journal verify` and restore a backup")
                    }
                    try JournalHead(seq: last.seq, hash: last.hash).write(in: folder)
                    if let witness { try Self.write(witness: witness, db) }
                }
            }.value
        }
    }

    /// Lets the head's witness see what was claimed.
    func writeWitness() async throws {
        guard let writer, let witness else { return }
        try await mapped {
            try await Task { try await writer.writeWithoutTransaction { try Self.write(witness: witness, $0) } }.value
        }
    }

    /// Reads without holding up the writer.
    func read<R: Sendable>(_ body: @Sendable @escaping (Database) throws -> R) async throws -> R {
        let pool = pool
        // A simulation reads what its open transaction has written.
        guard bulk == nil else { return try await mapped { try await pool.unsafeRead(body) } }
        return try await mapped { try await pool.read(body) }
    }

    /// SQLite's own errors as a ``JournalError`` with `storage`.
    private func mapped<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw Self.failure(folder, error)
        }
    }

    private static func mapped<R>(_ folder: String, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw failure(folder, error)
        }
    }

    private static func failure(_ folder: String, _ error: DatabaseError) -> JournalError {
        JournalError(.storage, "the journal in \(folder): \(error.message ?? "\(error)")")
    }
}
