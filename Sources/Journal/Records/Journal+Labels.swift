import GRDB
public import Provisioning

/// What is on record of a unit's label.
public struct LabelRecord: Hashable, Sendable {
    /// What stands in its barcode.
    public let text: String
    /// How often it was sent to the printer.
    public let copies: Int
    /// Whether the last copy was scanned back at its slot.
    public let isConfirmed: Bool
}

/// What came of the wish to print a label.
public enum LabelBeginning: Hashable, Sendable {
    /// It may be printed, as this copy, from 1.
    case copy(Int)
    /// Its text is another unit's: that unit's DeviceName.
    case belongs(String)
}

extension Journal {
    /// The label of a unit; nil where none was ever printed.
    public func label(unit: Int64) async throws -> LabelRecord? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT text, copies, confirmed FROM label WHERE unit = ?", arguments: [unit])
                .map { LabelRecord(text: $0[0], copies: $0[1], isConfirmed: $0[2]) }
        }
    }

    /// The unit a run was about: the claimed one, or the one that the claim was refused for.
    public func unit(ofRun run: Int64) async throws -> BoardUnit? {
        try await read { db in
            try Self.unit(
                db,
                "id = (SELECT coalesce(run.unit, (SELECT id FROM unit WHERE identity = run.identity LIMIT 1)) "
                    + "FROM run WHERE run.id = ?)", [run])
        }
    }

    /// Puts one copy of a unit's label on record, before it is printed.
    /// - Parameters:
    ///   - text: what stands in its barcode; unique on the station.
    ///   - reason: why there is another copy; nil for the first.
    public func beginLabel(
        unit: Int64, run: Int64, slot: String, text: String, reason: String?, actor: String
    ) async throws -> LabelBeginning {
        try await write { writer in
            let other = try String.fetchOne(
                writer.db,
                sql: "SELECT device_name FROM label JOIN unit ON unit.id = label.unit WHERE text = ? AND unit.id <> ?",
                arguments: [text, unit])
            if let other { return .belongs(other) }
            let copies =
                try Int.fetchOne(writer.db, sql: "SELECT copies FROM label WHERE unit = ?", arguments: [unit]) ?? 0
            try writer.append(
                .labelSent, actor: actor,
                body: [
                    "unit": .int(unit), "run": .int(run), "slot": .string(slot), "text": .string(text),
                    "copy": .init(copies + 1), "reason": .init(reason),
                ])
            try writer.execute(
                """
                INSERT INTO label (unit, text, copies, confirmed) VALUES (?, ?, 1, 0)
                ON CONFLICT (unit) DO UPDATE SET text = excluded.text, copies = copies + 1, confirmed = 0
                """, [unit, text])
            return .copy(copies + 1)
        }
    }

    /// Records that a unit's label was scanned back at its slot.
    public func confirmLabel(unit: Int64, run: Int64, slot: String, actor: String) async throws {
        try await write { writer in
            try writer.append(
                .labelConfirmed, actor: actor,
                body: ["unit": .int(unit), "run": .int(run), "slot": .string(slot)])
            try writer.execute("UPDATE label SET confirmed = 1 WHERE unit = ?", [unit])
        }
    }

    /// Records why a slot waits with its label.
    public func holdLabel(unit: Int64, run: Int64, slot: String, failure: Failure, actor: String) async throws {
        try await append(
            kind: .labelHeld, actor: actor,
            body: [
                "unit": .int(unit), "run": .int(run), "slot": .string(slot),
                "failure_code": .string(failure.code.text), "failure_detail": .string(failure.detail),
            ])
    }

    /// Records what the MES answered before a run.
    public func recordMESAnswer(run: Int64, slot: String, answer: JSONValue, actor: String) async throws {
        try await append(
            kind: .mesAnswered, actor: actor,
            body: ["run": .int(run), "slot": .string(slot), "answer": answer])
    }
}
