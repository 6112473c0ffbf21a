import Foundation
import GRDB

/// A product's devices as the cloud listed them, kept in a file of its own while they are read, so that reading goes on
/// where it stood after a crash, and they come out by name although the cloud lists them by age.
///
/// A SQLite file; each page of the listing and the place where the next one begins are written together. It is working
/// material, not truth: losing it costs another reading.
public final class CloudSpool: Sendable {
    private let queue: DatabaseQueue

    /// How far the listing was read.
    public struct Reading: Hashable, Sendable {
        /// When it began, UTC.
        public let began: String
        /// When its last page was read; nil before the first.
        public let read: String?
        /// Where the next page begins; nil once all were read.
        public let next: String?
        public let devices: Int
        /// How many devices the cloud has said there are; nil where it did not.
        public let total: Int?
        /// Whether a reconciliation has been concluded from it.
        public let isUsed: Bool
    }

    /// What is asked of the cloud about one name.
    public enum Question: Int, Sendable, CaseIterable { case record, clientIDs }

    /// A name about which something is asked.
    public struct Wanted: Hashable, Sendable {
        public let key: String
        public let name: String
        /// Empty where it is not known.
        public let iotID: String

        public init(key: String, name: String, iotID: String) { (self.key, self.name, self.iotID) = (key, name, iotID) }
    }

    /// Opens the file, or makes it.
    /// - Throws: GRDB's error.
    public init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "cloud-spool"
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS reading (
                        id INTEGER PRIMARY KEY CHECK (id = 1), began TEXT NOT NULL, read TEXT, next TEXT, total INTEGER,
                        used INTEGER NOT NULL DEFAULT 0);
                    CREATE TABLE IF NOT EXISTS device (
                        key TEXT NOT NULL, name TEXT NOT NULL, iot_id TEXT NOT NULL, state TEXT, created INTEGER,
                        activated INTEGER, digest TEXT, client_ids TEXT, asked INTEGER, ids_asked INTEGER,
                        absent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (key, name)) WITHOUT ROWID;
                    CREATE TABLE IF NOT EXISTS wanted (
                        question INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, iot_id TEXT NOT NULL,
                        PRIMARY KEY (question, key)) WITHOUT ROWID;
                    """)
        }
    }

    // MARK: - The listing

    /// nil where none was begun.
    public func reading() async throws -> Reading? {
        try await queue.read { db in
            try Row.fetchOne(db, sql: "SELECT *, (SELECT count(*) FROM device) AS devices FROM reading").map { row in
                Reading(
                    began: row["began"], read: row["read"], next: row["next"], devices: row["devices"],
                    total: row["total"], isUsed: row["used"])
            }
        }
    }

    /// Forgets what is there and begins at `next`.
    public func begin(at time: String, next: String, total: Int?) async throws {
        try await queue.write { db in
            try db.execute(sql: "DELETE FROM device; DELETE FROM wanted; DELETE FROM reading")
            try db.execute(
                sql: "INSERT INTO reading (id, began, next, total) VALUES (1, ?, ?, ?)", arguments: [time, next, total])
        }
    }

    /// Keeps one page, and where the next one begins; nil = it was the last.
    public func take(_ devices: [CloudName], next: String?, at time: String) async throws {
        try await queue.write { db in
            for device in devices { try Self.put(device, db) }
            try db.execute(sql: "UPDATE reading SET next = ?, read = ?", arguments: [next, time])
        }
    }

    /// Notes that a reconciliation has been concluded from it: the next one reads anew.
    public func markUsed() async throws {
        try await queue.write { try $0.execute(sql: "UPDATE reading SET used = 1; DELETE FROM wanted") }
    }

    private static func put(_ device: CloudName, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO device
                    (key, name, iot_id, state, created, activated, digest, client_ids, asked, ids_asked, absent)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            device.key, device.name, device.iotID, device.state?.rawValue, device.createdAt, device.activatedAt,
            device.secretDigest, device.clientIDs?.joined(separator: " "), device.askedAt, device.idsAskedAt,
            device.isAbsent,
        ])
    }

    // MARK: - Questions about single names

    /// Notes what is to be asked.
    public func want(_ names: [Wanted], _ question: Question) async throws {
        try await queue.write { db in
            let statement = try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO wanted (question, key, name, iot_id) VALUES (?, ?, ?, ?)")
            for name in names {
                try statement.execute(arguments: [question.rawValue, name.key, name.name, name.iotID])
            }
        }
    }

    /// The next names to ask about, at most `limit`.
    public func wanted(_ question: Question, limit: Int) async throws -> [Wanted] {
        try await queue.read { db in
            try Row.fetchAll(
                db, sql: "SELECT key, name, iot_id FROM wanted WHERE question = ? ORDER BY key LIMIT ?",
                arguments: [question.rawValue, limit]
            ).map { Wanted(key: $0[0], name: $0[1], iotID: $0[2]) }
        }
    }

    /// How many questions are left.
    public func questions() async throws -> Int {
        try await queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM wanted") ?? 0 }
    }

    /// Takes the records of the names that were asked about; one that is missing in `found` is not there.
    /// - Parameter head: the journal's last record when it was asked.
    public func answer(_ asked: [Wanted], _ found: [CloudName], head: Int64) async throws {
        try await queue.write { db in
            let answers = Dictionary(grouping: found, by: \.key)
            for wanted in asked {
                let ids = try Row.fetchOne(
                    db, sql: "SELECT client_ids, ids_asked FROM device WHERE key = ? AND ids_asked IS NOT NULL LIMIT 1",
                    arguments: [wanted.key])
                try db.execute(
                    sql: "DELETE FROM device WHERE key = ? AND name = ?", arguments: [wanted.key, wanted.name])
                var devices = answers[wanted.key] ?? []
                if devices.isEmpty {
                    devices = [CloudName(key: wanted.key, name: wanted.name, isAbsent: true)]
                }
                for var device in devices {
                    device.askedAt = head
                    device.clientIDs = (ids?["client_ids"] as String?).map(Self.list)
                    device.idsAskedAt = ids?["ids_asked"]
                    try Self.put(device, db)
                }
                try Self.settle(wanted, .record, db)
            }
        }
    }

    /// Takes a device's ClientIDs.
    public func answer(_ asked: Wanted, clientIDs: [String], head: Int64) async throws {
        try await queue.write { db in
            try db.execute(
                sql: "UPDATE device SET client_ids = ?, ids_asked = ? WHERE key = ? AND iot_id = ?",
                arguments: [clientIDs.joined(separator: " "), head, asked.key, asked.iotID])
            try Self.settle(asked, .clientIDs, db)
        }
    }

    private static func settle(_ wanted: Wanted, _ question: Question, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM wanted WHERE question = ? AND key = ?", arguments: [question.rawValue, wanted.key])
    }

    private static func list(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    // MARK: - Reading it by name

    /// Every device by folded name in byte order, in batches; memory does not grow with their number.
    public var devices: Devices { Devices(spool: self) }

    public struct Devices: AsyncSequence, Sendable {
        public typealias Element = [CloudName]
        public typealias Failure = any Error

        let spool: CloudSpool

        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(spool: spool) }

        public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
            private static let batch = 2048
            let spool: CloudSpool
            private var last: (key: String, name: String)? = ("", "")

            init(spool: CloudSpool) { self.spool = spool }

            public mutating func next() async throws -> [CloudName]? {
                guard let last else { return nil }
                let found = try await spool.page(after: last.key, last.name, limit: Self.batch)
                self.last = found.count == Self.batch ? found.last.map { ($0.key, $0.name) } : nil
                return found.isEmpty ? nil : found
            }
        }
    }

    private func page(after key: String, _ name: String, limit: Int) async throws -> [CloudName] {
        try await queue.read { db in
            var devices: [CloudName] = []
            devices.reserveCapacity(limit)
            let statement = try db.cachedStatement(
                sql: """
                    SELECT key, name, iot_id, state, created, activated, digest, client_ids, asked, ids_asked, absent
                    FROM device WHERE (key, name) > (?, ?) ORDER BY key, name LIMIT ?
                    """)
            let rows = try Row.fetchCursor(statement, arguments: [key, name, limit])
            while try rows.next() != nil { devices.append(Self.device(statement.sqliteStatement)) }
            return devices
        }
    }

    /// The device in the row that `statement` stands on.
    private static func device(_ statement: SQLiteStatement) -> CloudName {
        func text(_ index: CInt) -> String? { String.fromStatement(statement, atUncheckedIndex: index) }
        func number(_ index: CInt) -> Int64? { Int64.fromStatement(statement, atUncheckedIndex: index) }
        return CloudName(
            key: text(0) ?? "", name: text(1), iotID: text(2) ?? "", state: text(3).flatMap(CloudName.State.init),
            createdAt: number(4), activatedAt: number(5), secretDigest: text(6), clientIDs: text(7).map(Self.list),
            askedAt: number(8), idsAskedAt: number(9), isAbsent: number(10) != 0)
    }
}
