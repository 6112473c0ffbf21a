import Crypto
import Foundation
import Locking
import Provisioning

/// A journal as `station journal export` prints it.
struct JournalRecords: Sendable {
    /// One record's text, read.
    struct Record: Sendable {
        let seq: Int64
        let kind: String
        let actor: String
        let body: JSONValue
    }

    /// How one run ended.
    struct Conclusion: Equatable, Sendable {
        let run: Int64
        let outcome: String
        let code: String?
    }

    let records: [Record]
    /// Whether every digest and hash follows from the texts, computed here anew.
    let isChained: Bool

    /// Exports the journal in the data folder `data`; nil where there is none yet.
    ///
    /// Whoever waits for a record asks many times a second: a journal that nobody has written to since is not exported again.
    static func export(_ data: String) async throws -> JournalRecords? {
        let stamp = ["/journal.sqlite", "/journal.sqlite-wal"].map { Self.stamp(data + $0) }
        guard stamp[0] != nil else { return nil }
        if let known = exported.withLock({ $0[data] }), known.stamp == stamp { return known.records }
        let ended = try await Program.station.run(["journal", "export", "--data", data])
        guard ended.isSuccess else { return nil }
        let records = try JournalRecords(jsonl: ended.output)
        exported.withLock { $0[data] = (stamp, records) }
        return records
    }

    private static let exported = Locked<[String: (stamp: [[Int]?], records: JournalRecords)]>([:])

    /// Which file stands at `path`, how long it is and when it was last written; nil where there is none.
    private static func stamp(_ path: String) -> [Int]? {
        guard let facts = try? FileManager.default.attributesOfItem(atPath: path),
            let number = facts[.systemFileNumber] as? NSNumber, let size = facts[.size] as? NSNumber,
            let date = facts[.modificationDate] as? Date
        else { return nil }
        return [number.intValue, size.intValue, Int(date.timeIntervalSinceReferenceDate * 1e6)]
    }

    private init(jsonl: String) throws {
        var (records, head, isChained): ([Record], [UInt8], Bool) = ([], Array(repeating: 0, count: 32), true)
        for line in jsonl.split(separator: "\n") {
            let row = try JSONValue(parsing: String(line))
            let text = row["record"].string ?? ""
            let record = try JSONValue(parsing: text)
            let digest = Array(SHA256.hash(data: Array(text.utf8)))
            head = Array(SHA256.hash(data: head + digest))
            isChained =
                isChained && row["digest"].string == Self.hex(digest) && row["hash"].string == Self.hex(head)
                && row["seq"].int == record["seq"].int && record["seq"].int == Int64(records.count + 1)
            records.append(
                Record(
                    seq: record["seq"].int ?? 0, kind: record["kind"].string ?? "", actor: record["actor"].string ?? "",
                    body: record["body"]))
        }
        (self.records, self.isChained) = (records, isChained)
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    func all(_ kind: String) -> [Record] { records.filter { $0.kind == kind } }

    /// The claims that bound a board for the first time: one a unit, ever.
    var firstClaims: [Record] { all("claim.bound").filter { $0.body["first"].bool == true } }

    var conclusions: [Conclusion] {
        all("run.concluded").map {
            Conclusion(
                run: $0.body["run"].int ?? 0, outcome: $0.body["outcome"].string ?? "",
                code: $0.body["failure_code"].string)
        }
    }

    /// The intents that were begun before their unit was claimed; promise 1 says there is none.
    var intentsBeforeTheirClaim: [Record] {
        all("intent.begun").filter { intent in
            !all("claim.bound").contains { $0.seq < intent.seq && $0.body["unit"] == intent.body["unit"] }
        }
    }
}

/// Whether `station journal verify` finds the journal whole.
func verifies(_ data: String) async throws -> Bool {
    try await Program.station.run(["journal", "verify", "--data", data]).isSuccess
}
