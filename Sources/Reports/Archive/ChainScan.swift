import Crypto
import Journal
import Provisioning

/// Follows the journal's chain through the lines of `records.jsonl`, digest-only ones included.
struct ChainScan {
    private let order: String
    private let spool: FactSpool
    private var chain: Chain
    private var seq: Int64
    /// The first line that does not follow from the one before it.
    private(set) var bad: ArchiveFinding?
    private(set) var whole: Int64 = 0
    /// What the order and the station were set to, as the manifest repeats it.
    private(set) var changes: [JSONValue] = []
    /// The last reconciliation of the order.
    private(set) var reconciliation: JSONValue = nil

    init(_ manifest: ArchiveManifest, spool: FactSpool) {
        (order, self.spool) = (manifest.order, spool)
        chain = Chain(head: Hex.bytes(manifest.before.hash) ?? [])
        seq = manifest.before.seq
    }

    /// The place that was reached.
    var head: (seq: Int64, hash: String) { (seq, Hex.text(chain.head)) }

    /// Takes the next line, with its end.
    mutating func take(_ number: Int, _ line: ArraySlice<UInt8>) throws {
        guard bad == nil else { return }
        func finding(_ expected: String, _ received: String) -> ArchiveFinding {
            ArchiveFinding("records.jsonl", line: number, expected: expected, received: received)
        }
        guard line.last == 0x0A else {
            bad = finding("a line that ends", "the end of the file within it")
            return
        }
        let row: ExportRow
        do throws(ExportRow.Malformed) { row = try ExportRow(line: line.dropLast()) } catch {
            bad = finding("a row of the journal", "at \(error.description)")
            return
        }
        guard row.seq == seq + 1 else {
            bad = finding("record \(seq + 1)", "record \(row.seq)")
            return
        }
        if let record = row.record {
            let digest = Array(SHA256.hash(data: record))
            guard digest == row.digest else {
                bad = finding(
                    "digest \(Hex.text(row.digest)), as the row tells it", "a text with digest \(Hex.text(digest))")
                return
            }
        }
        chain.append(digest: row.digest)
        guard chain.head == row.hash else {
            bad = finding("hash \(Hex.text(chain.head)), which follows from the line before", Hex.text(row.hash))
            return
        }
        seq = row.seq
        guard let record = row.record else { return }
        whole += 1
        if let problem = try read(record) { bad = finding(problem.0, problem.1) }
    }

    private mutating func read(_ text: [UInt8]) throws -> (String, String)? {
        guard let kind = RecordFields.kind(text) else { return ("a record with a kind", ArchiveScan.shown(text)) }
        let isFact = FactSpool.kinds.contains(kind)
        guard isFact || ArchiveVerification.configuration.contains(kind) || kind == "reconcile.concluded" else {
            return nil
        }
        guard let record = try? RecordFields.parse(text) else { return ("a record", ArchiveScan.shown(text)) }
        guard record["seq"].int == seq else {
            return ("a record that says seq \(seq)", "seq \(record["seq"].int.map(String.init) ?? "none")")
        }
        if isFact { try spool.take(record, order: order) }
        if ArchiveVerification.configuration.contains(kind) { changes.append(record) }
        if kind == "reconcile.concluded", record["body"]["order"].string == order { reconciliation = record["body"] }
        return nil
    }
}
