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
        return try await read { try ChainVerification.of($0, head: expectedHead) }
    }
}

extension ChainVerification {
    /// Recomputes the chain in a database.
    /// - Parameter head: a place that must lie on it; nil = none is known.
    static func of(_ db: Database, head expectedHead: JournalHead?) throws -> ChainVerification {
        var reading = ChainReading()
        func bad(_ reason: String) -> ChainVerification {
            ChainVerification(
                records: reading.count, firstBad: (reading.count + 1, reason), head: Chain.hex(reading.chain.head))
        }
        let rows = try Row.fetchCursor(db, sql: "SELECT seq, text, digest, hash FROM record ORDER BY seq")
        while let row = try rows.next() {
            let before = reading
            if let reason = try reading.take(
                seq: row[0], text: row[1], digest: [UInt8](row[2] as DatabaseBytes),
                hash: [UInt8](row[3] as DatabaseBytes))
            {
                reading = before
                return bad(reason)
            }
            if let expectedHead, expectedHead.seq == reading.count, Chain.hex(reading.chain.head) != expectedHead.hash {
                reading = before
                return bad("its hash is not the one the head file names: the chain was rewritten")
            }
        }
        if let expectedHead, expectedHead.seq > reading.count {
            return bad(
                "the head file names record \(expectedHead.seq), the journal ends at \(reading.count): truncated")
        }
        if expectedHead == nil, reading.hasConclusion {
            return bad("runs were concluded, but the head file is missing: whether the end was cut cannot be told")
        }
        if let reason = reading.missingArchive { return bad(reason) }
        for row in try Row.fetchAll(db, sql: "SELECT id, claimed FROM work_order") {
            let (order, counted): (String, Int) = (row[0], row[1])
            guard reading.claims[order, default: 0] == counted else {
                return bad(
                    "order \(order) counts \(counted) claims, its records \(reading.claims[order, default: 0]): the table "
                        + "was edited")
            }
        }
        return ChainVerification(records: reading.count, firstBad: nil, head: Chain.hex(reading.chain.head))
    }
}

/// A blob column as bytes.
typealias DatabaseBytes = Foundation.Data
