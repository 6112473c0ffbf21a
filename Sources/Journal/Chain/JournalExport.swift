import Foundation
import GRDB
import Provisioning

/// How an exported journal is written.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// One JSON object a line: `seq, digest, hash, record`; record is null where its text was moved into an archive.
    case jsonl
    /// UTF-8 with BOM; cells that a spreadsheet would run as a formula are disarmed.
    case csv
}

extension Journal {
    /// Streams the export line by line; memory does not grow with the journal.
    public func export(_ format: ExportFormat, to sink: @Sendable @escaping (String) throws -> Void) async throws {
        try await read { db in
            if format == .csv { try sink("\u{FEFF}seq,time,actor,kind,hash,record\r\n") }
            let rows = try Row.fetchCursor(db, sql: "SELECT seq, text, digest, hash FROM record ORDER BY seq")
            while let row = try rows.next() {
                let (seq, text): (Int64, String) = (row[0], row[1])
                let hash = [UInt8](row[3] as DatabaseBytes)
                let isHere = ArchivedRecords.archive(of: text) == nil
                switch format {
                case .jsonl:
                    let exported = ExportRow(
                        seq: seq, digest: [UInt8](row[2] as DatabaseBytes), hash: hash,
                        record: isHere ? Array(text.utf8) : nil)
                    try sink(String(decoding: exported.line, as: UTF8.self) + "\n")
                case .csv:
                    let record = try? JSONValue(parsing: text)
                    let cells = [
                        record?["time"].string ?? "", record?["actor"].string ?? "", record?["kind"].string ?? "",
                        Chain.hex(hash), isHere ? text : "",
                    ].map(CSVCell.text)
                    try sink(([CSVCell.number(seq)] + cells).joined(separator: ",") + "\r\n")
                }
            }
        }
    }

    /// Numbers of records by kind; for summaries and tests.
    public func recordCounts() async throws -> [String: Int] {
        try await read { db in
            var counts: [String: Int] = [:]
            let texts = try String.fetchCursor(db, sql: "SELECT text FROM record ORDER BY seq")
            while let text = try texts.next() {
                counts[(try? JSONValue(parsing: text))?["kind"].string ?? "?", default: 0] += 1
            }
            return counts
        }
    }
}
