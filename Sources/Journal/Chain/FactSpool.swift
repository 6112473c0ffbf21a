import Foundation
import GRDB
public import Provisioning

/// Facts and units of one order, put in order on disk while its records are read from a file: what figures and unit rows
/// are computed from where there is no journal.
///
/// A temporary SQLite file, removed with the value. Calls are synchronous.
public final class FactSpool: Sendable {
    private let path: String
    private let queue: DatabaseQueue

    /// - Parameter folder: where the temporary file is made; nil = the system's folder for them.
    public init(in folder: String? = nil) throws {
        path = (folder ?? FileManager.default.temporaryDirectory.path) + "/facts-" + UUID().uuidString + ".sqlite"
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;
                    BEGIN;
                    CREATE TABLE fact (
                        unit INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, work_order TEXT,
                        time INTEGER NOT NULL, started INTEGER, shift TEXT, shift_concluded TEXT, slot TEXT,
                        operator TEXT, release TEXT, outcome TEXT, code TEXT, state TEXT, mode TEXT, activation TEXT,
                        detail TEXT, quota_returned INTEGER NOT NULL, steps BLOB NOT NULL,
                        PRIMARY KEY (unit, seq)) WITHOUT ROWID;
                    CREATE TABLE unit (id INTEGER PRIMARY KEY, claim TEXT NOT NULL, iot_id TEXT);
                    """)
        }
    }

    deinit {
        try? queue.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Takes the next record: its facts, and of a unit's first claim under `order` who it is.
    public func take(_ record: JSONValue, order: String) throws {
        let body = record["body"]
        try queue.writeWithoutTransaction { db in
            for fact in Fact.facts(of: record) { try FactTable.insert(fact, db) }
            switch record["kind"].string {
            case "claim.bound" where body["first"].bool == true && body["order"].string == order:
                try db.cachedStatement(sql: "INSERT OR IGNORE INTO unit (id, claim) VALUES (?, ?)")
                    .execute(arguments: [body["unit"].int, body.text])
            case "intent.finished", "client-id.kept":
                guard let id = body["iot_id"].string else { break }
                try db.cachedStatement(sql: "UPDATE unit SET iot_id = ? WHERE id = ?")
                    .execute(arguments: [id, body["unit"].int])
            case "cloud.read" where body["phase"].string == "after":
                guard let id = body["reading"]["iot_id"].string, !id.isEmpty else { break }
                try db.cachedStatement(sql: "UPDATE unit SET iot_id = ? WHERE id = ? AND iot_id IS NULL")
                    .execute(arguments: [id, body["unit"].int])
            default: break
            }
        }
    }

    /// Kinds of records that ``take(_:order:)`` does something with.
    public static let kinds: Set<String> = [
        "claim.bound", "claim.refused", "run.concluded", "workflow.concluded", "unit.held", "unit.released",
        "sample.failed", "intent.finished", "client-id.kept", "cloud.read",
    ]

    /// Streams the facts of the order's units, and those of its runs that came to no unit, by unit and sequence number.
    public func facts(order: String, _ body: (Fact) throws -> Void) throws {
        try queue.writeWithoutTransaction { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(FactTable.columns) FROM fact
                    WHERE unit > 0 OR work_order = ? ORDER BY unit, seq
                    """, arguments: [order])
            while let row = try rows.next() { try body(try FactTable.fact(row)) }
        }
    }

    /// Streams the order's units by number: the body of the claim that made each, the cloud's id of its device, its facts.
    public func units(
        _ body: (_ unit: Int64, _ claim: JSONValue, _ iotID: String?, _ facts: [Fact]) throws -> Void
    ) throws {
        try queue.writeWithoutTransaction { db in
            let facts = try Row.fetchCursor(
                db,
                sql: """
                    SELECT \(FactTable.columns) FROM fact WHERE unit IN (SELECT id FROM unit) ORDER BY unit, seq
                    """)
            var ahead = try facts.next().map(FactTable.fact)
            let units = try Row.fetchCursor(db, sql: "SELECT id, claim, iot_id FROM unit ORDER BY id")
            while let row = try units.next() {
                let unit: Int64 = row[0]
                var own: [Fact] = []
                while let fact = ahead, fact.unit <= unit {
                    own.append(fact)
                    ahead = try facts.next().map(FactTable.fact)
                }
                try body(unit, try JSONValue(parsing: row[1] as String), row[2], own)
            }
        }
    }
}
