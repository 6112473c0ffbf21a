import GRDB
public import Provisioning

/// One record as it stands in the journal.
public struct JournalRecord: Hashable, Sendable {
    public let seq: Int64
    public let time: String
    public let actor: String
    public let kind: String
    public let body: JSONValue

    init(text: String) throws {
        let record = try JSONValue(parsing: text)
        (seq, time) = (record["seq"].int ?? 0, record["time"].string ?? "")
        (actor, kind, body) = (record["actor"].string ?? "", record["kind"].string ?? "", record["body"])
    }
}

/// A unit's whole life, as the journal tells it.
public struct UnitHistory: Sendable {
    public let unit: BoardUnit
    public let order: WorkOrder?
    /// Its runs, by number, each with when it began.
    public let runs: [(run: RunRecord, started: String)]
    /// The unit whose place it took.
    public let replaces: String?
    /// The DeviceName of the unit that took its place; where that board was not placed yet, its identity.
    public let replacedBy: String?
    /// Every record that names it or one of its runs, in order.
    public let records: [JournalRecord]
}

extension Journal {
    /// The life of the unit of that DeviceName, case folded.
    /// - Throws: ``JournalError`` with `notFound`.
    public func history(deviceName: String) async throws -> UnitHistory {
        try await read { db in
            guard let unit = try Self.unit(db, "name_folded = ?", [deviceName.lowercased()]) else {
                throw JournalError(
                    .notFound, "there is no unit \(deviceName); `station order show` lists them",
                    zh: "没有这块板：\(deviceName)")
            }
            let runs = try Row.fetchAll(
                db, sql: "SELECT run.*, ? AS device_name FROM run WHERE unit = ? ORDER BY id",
                arguments: [unit.deviceName.text, unit.id]
            ).map { (run: try Self.run($0), started: $0["started"] as String) }
            let replacedBy = try String.fetchOne(
                db, sql: "SELECT replaced_by FROM unit WHERE id = ?", arguments: [unit.id])
            let successor = try replacedBy.flatMap { identity in
                try String.fetchOne(
                    db, sql: "SELECT device_name FROM unit WHERE identity = ? AND product_key = ?",
                    arguments: [identity, unit.productKey])
            }
            let replaces = try String.fetchOne(
                db,
                sql: "SELECT device_name FROM unit WHERE replaced_by = ? AND product_key = ? ORDER BY id DESC LIMIT 1",
                arguments: [unit.identity.value, unit.productKey])
            // The plus takes the column's affinity away, without which the index on the expression is not used.
            let texts = try String.fetchAll(
                db,
                sql: """
                    SELECT text FROM record WHERE seq IN (
                        SELECT seq FROM record WHERE json_extract(text, '$.body.unit') = ?1
                        UNION SELECT record.seq FROM run CROSS JOIN record
                            ON json_extract(record.text, '$.body.run') = +run.id WHERE run.unit = ?1
                    ) ORDER BY seq
                    """, arguments: [unit.id])
            return UnitHistory(
                unit: unit, order: try Self.order(db, id: unit.order), runs: runs, replaces: replaces,
                replacedBy: successor ?? replacedBy, records: try texts.map(JournalRecord.init))
        }
    }

    /// The unit of that DeviceName, case folded; nil where there is none.
    public func find(deviceName: String) async throws -> BoardUnit? {
        try await read { try Self.unit($0, "name_folded = ?", [deviceName.lowercased()]) }
    }

    /// The last run of a unit; nil where it has none.
    public func lastRun(unit: Int64) async throws -> RunRecord? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT run.*, unit.device_name FROM run JOIN unit ON unit.id = run.unit WHERE run.unit = ?
                    ORDER BY run.id DESC LIMIT 1
                    """, arguments: [unit]
            ).map(Self.run)
        }
    }

    /// A run out of `run.*` and `device_name`.
    static func run(_ row: Row) throws -> RunRecord {
        RunRecord(
            id: row["id"], slot: row["slot"], order: row["work_order"], unit: row["unit"], identity: row["identity"],
            deviceName: row["device_name"], outcome: (row["outcome"] as String?).flatMap(Outcome.init(rawValue:)),
            failureCode: row["failure_code"],
            conclusion: try (row["conclusion"] as String?).map { try JSONValue(parsing: $0) } ?? .null)
    }
}
