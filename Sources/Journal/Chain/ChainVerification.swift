import Foundation
import GRDB
import Provisioning

/// What checking the whole chain found.
public struct ChainVerification: Sendable {
    /// Records read.
    public let records: Int64
    /// The first record that does not fit, and why; nil when all fit.
    public let firstBad: (seq: Int64, reason: String)?
    /// The chain's head after the last good record, 64 hexadecimal digits.
    public let head: String

    public var isClean: Bool { firstBad == nil }
}

extension Journal {
    /// Recomputes every digest and hash from the stored texts and compares the head file.
    ///
    /// Reads row by row: memory does not grow with the journal.
    public func verify() async throws -> ChainVerification {
        let expectedHead: JournalHead?
        do {
            expectedHead = try JournalHead.read(in: folder)
        } catch let error as JournalError {
            return ChainVerification(records: 0, firstBad: (0, error.description), head: "")
        }
        return try await read { db in
            var chain = Chain()
            var count: Int64 = 0
            var headSeen = expectedHead == nil
            var hasConclusion = false
            var claims: [String: Int] = [:]
            func bad(_ reason: String) -> ChainVerification {
                ChainVerification(records: count, firstBad: (count + 1, reason), head: Chain.hex(chain.head))
            }
            let rows = try Row.fetchCursor(db, sql: "SELECT seq, text, digest, hash FROM record ORDER BY seq")
            while let row = try rows.next() {
                let seq: Int64 = row[0]
                guard seq == count + 1 else { return bad("expected record \(count + 1), found \(seq)") }
                let text: String = row[1]
                let record = (try? JSONValue(parsing: text)) ?? .null
                guard record["seq"].int == seq else {
                    return bad("its text says seq \(record["seq"].int.map(String.init) ?? "nothing"), expected \(seq)")
                }
                switch record["kind"].string {
                case RecordKind.runConcluded.rawValue: hasConclusion = true
                case RecordKind.claimBound.rawValue where record["body"]["first"].bool == true:
                    claims[record["body"]["order"].string ?? "", default: 0] += 1
                default: break
                }
                let digest = chain.append(text: text)
                guard digest == [UInt8](row[2] as DatabaseBytes) else {
                    return bad("its text does not match its digest: it was edited")
                }
                guard chain.head == [UInt8](row[3] as DatabaseBytes) else {
                    return bad("its hash does not follow from the record before it")
                }
                count += 1
                if let expectedHead, expectedHead.seq == seq {
                    guard Chain.hex(chain.head) == expectedHead.hash else {
                        count -= 1
                        return bad("its hash is not the one the head file names: the chain was rewritten")
                    }
                    headSeen = true
                }
            }
            guard headSeen else {
                return bad(
                    "the head file names record \(expectedHead?.seq ?? 0), the journal ends at \(count): truncated")
            }
            if expectedHead == nil, hasConclusion {
                return bad("runs were concluded, but the head file is missing: whether the end was cut cannot be told")
            }
            for row in try Row.fetchAll(db, sql: "SELECT id, claimed FROM work_order") {
                let (order, counted): (String, Int) = (row[0], row[1])
                guard claims[order, default: 0] == counted else {
                    return bad(
                        "order \(order) counts \(counted) claims, its records \(claims[order, default: 0]): the table was edited"
                    )
                }
            }
            return ChainVerification(records: count, firstBad: nil, head: Chain.hex(chain.head))
        }
    }
}

/// A blob column as bytes.
typealias DatabaseBytes = Foundation.Data
