import GRDB
import Provisioning

/// One record as it is stored, with its place on the chain.
public struct JournalRow: Hashable, Sendable {
    public let seq: Int64
    /// The record's JSON text, verbatim.
    public let text: String
    /// 64 lower-case hexadecimal digits.
    public let hash: String
}

extension Journal {
    /// The records after `seq`, in order, at most `limit`.
    public func rows(after seq: Int64, limit: Int) async throws -> [JournalRow] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT seq, text, hash FROM record WHERE seq > ? ORDER BY seq LIMIT ?",
                arguments: [seq, limit]
            ).map(Self.journalRow)
        }
    }

    /// The last record; nil where there is none.
    public func lastRow() async throws -> JournalRow? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT seq, text, hash FROM record ORDER BY seq DESC LIMIT 1")
                .map(Self.journalRow)
        }
    }

    private static func journalRow(_ row: Row) -> JournalRow {
        JournalRow(seq: row[0], text: row[1], hash: Chain.hex(row[2] as DatabaseBytes))
    }
}
