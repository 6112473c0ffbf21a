import Foundation
import Journal
import Provisioning

/// The journal of a station that is killed again and again, followed from outside: what was once seen in it must stay.
actor CrashJournal {
    private let folder: String
    private(set) var records: [JournalRecords.Record] = []
    private var last: (seq: Int64, hash: String) = (0, "")

    init(folder: String) { self.folder = folder }

    /// Reads what was appended since the last time.
    /// - Throws: ``TestTrouble`` where the last record that was seen is not there any more.
    @discardableResult
    func follow() async throws -> [JournalRecords.Record] {
        guard FileManager.default.fileExists(atPath: folder + "/journal.sqlite") else { return records }
        let journal = try Journal(folder: folder, access: .readOnly)
        while true {
            // The last one once more, to see that it is the same.
            let rows = try await journal.rows(after: max(0, last.seq - 1), limit: 500)
            if last.seq > 0, rows.first.map({ $0.seq == last.seq && $0.hash == last.hash }) != true {
                throw TestTrouble("record \(last.seq) was seen in the journal and is gone, or another")
            }
            let new = rows.filter { $0.seq > last.seq }
            guard let end = new.last else { return records }
            for row in new {
                let record = try JSONValue(parsing: row.text)
                records.append(
                    JournalRecords.Record(
                        seq: row.seq, kind: record["kind"].string ?? "", actor: record["actor"].string ?? "",
                        body: record["body"]))
            }
            last = (end.seq, end.hash)
        }
    }

    /// The records after `seq`.
    func records(after seq: Int64) async throws -> [JournalRecords.Record] {
        try await follow().filter { $0.seq > seq }
    }

    /// The last record's number.
    func end() async throws -> Int64 { try await follow().last?.seq ?? 0 }
}
