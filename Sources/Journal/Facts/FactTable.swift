import Foundation
import GRDB
import Provisioning

/// The table of facts: written with the record they come from, in the order of unit and sequence number on disk.
///
/// It can be made anew from the records at any time; ``Journal/facts(_:upTo:_:)`` reads it.
enum FactTable {
    static let columns = """
        unit, seq, kind, work_order, time, started, shift, shift_concluded, slot, operator, release, outcome, code, state, \
        mode, activation, detail, quota_returned, steps
        """

    static func insert(_ fact: Fact, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO fact (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        try statement.execute(arguments: [
            fact.unit, fact.seq, fact.kind.rawValue, fact.order, fact.time, fact.started, fact.shift,
            fact.shiftConcluded, fact.slot, fact.operator, fact.release, fact.outcome?.rawValue, fact.code,
            fact.state?.rawValue, fact.mode, fact.activation, fact.detail, fact.quotaReturned,
            DatabaseBytes(pack(fact.steps)),
        ])
    }

    static func fact(_ row: Row) throws -> Fact {
        guard let kind = Fact.Kind(rawValue: row[2]) else {
            throw JournalError(.broken, "fact \(row[1] as Int64) is of an unknown kind \(row[2] as Int)")
        }
        var fact = Fact(unit: row[0], seq: row[1], kind: kind, order: row[3], time: row[4])
        (fact.started, fact.shift, fact.shiftConcluded, fact.slot) = (row[5], row[6], row[7], row[8])
        (fact.operator, fact.release) = (row[9], row[10])
        fact.outcome = (row[11] as String?).flatMap(Outcome.init)
        fact.code = row[12]
        fact.state = (row[13] as String?).flatMap(BoardUnit.State.init)
        (fact.mode, fact.activation, fact.detail, fact.quotaReturned) = (row[14], row[15], row[16], row[17])
        fact.steps = try row.withUnsafeData(atIndex: 18) { unpack($0) }
        return fact
    }

    /// Makes the table from the records.
    static func fill(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM fact")
        let texts = try String.fetchCursor(db, sql: "SELECT text FROM record ORDER BY seq")
        while let text = try texts.next() {
            guard let record = try? JSONValue(parsing: text) else { continue }
            for fact in Fact.facts(of: record) { try insert(fact, db) }
        }
    }

    // MARK: - Steps: 9 bytes each, its number with the mark of a failure, start and duration

    private static let failed: UInt8 = 0x80

    private static func pack(_ steps: [FactStep]) -> [UInt8] {
        steps.flatMap { step -> [UInt8] in
            let number = UInt8(Step.allCases.firstIndex(of: step.step) ?? 0)
            return [step.isOK ? number : number | failed] + bytes(step.startMilliseconds)
                + bytes(step.durationMilliseconds)
        }
    }

    private static func bytes(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(clamping: value).littleEndian) { Array($0) }
    }

    private static func unpack(_ bytes: DatabaseBytes?) -> [FactStep] {
        guard let bytes, !bytes.isEmpty else { return [] }
        let steps = Step.allCases
        return bytes.withUnsafeBytes { buffer in
            stride(from: 0, to: buffer.count - 8, by: 9).compactMap { place in
                let number = Int(buffer[place] & ~failed)
                guard number < steps.count else { return nil }
                func value(_ offset: Int) -> Int {
                    Int(UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
                }
                return FactStep(
                    step: steps[number], startMilliseconds: value(place + 1), durationMilliseconds: value(place + 5),
                    isOK: buffer[place] & failed == 0)
            }
        }
    }
}
