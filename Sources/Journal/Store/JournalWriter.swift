import CutPoint
public import Foundation
import GRDB
import Provisioning

/// One transaction of the journal: appends records and changes the tables derived from them, all or nothing.
struct JournalWriter {
    let db: Database
    let now: Date
    /// Nanoseconds of the clock that no one can set.
    var monotonic: () -> UInt64 = Timestamp.monotonic

    /// Appends a record to the chain.
    /// - Returns: its sequence number.
    @discardableResult
    func append(_ kind: RecordKind, actor: String, body: JSONValue) throws -> Int64 {
        let last = try Row.fetchOne(
            try db.cachedStatement(sql: "SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1"))
        let seq: Int64 = last.map { $0[0] + 1 } ?? 1
        var chain = last.map { Chain(head: [UInt8]($0[1] as DatabaseBytes)) } ?? Chain()
        let record: JSONValue = [
            "seq": .int(seq), "time": .string(Timestamp.text(now)), "mono_ns": .string(String(monotonic())),
            "actor": .string(actor), "kind": .string(kind.rawValue), "body": body,
        ]
        let text = record.text
        let digest = chain.append(text: text)
        let insert = try db.cachedStatement(sql: "INSERT INTO record (seq, text, digest, hash) VALUES (?, ?, ?, ?)")
        try insert.execute(arguments: [seq, text, DatabaseBytes(digest), DatabaseBytes(chain.head)])
        for fact in Fact.facts(of: record) { try FactTable.insert(fact, db) }
        try NameChange(db: db, seq: seq, body: body).apply(kind)
        if CutPoint.isArmed {
            CutPoint.reach("journal.\(kind.rawValue).open")
            db.afterNextTransaction { _ in CutPoint.reach("journal.\(kind.rawValue)") }
        }
        return seq
    }

    func execute(_ sql: String, _ arguments: StatementArguments) throws {
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

/// The two clocks of a record.
public enum Timestamp {
    /// UTC with milliseconds: `2026-11-23T08:00:00.000Z`.
    public static func text(_ date: Date) -> String {
        date.formatted(
            .iso8601.year().month().day().timeZone(separator: .omitted).time(includingFractionalSeconds: true))
    }

    /// Nanoseconds of the monotonic clock, which no one can set.
    public static func monotonic() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
