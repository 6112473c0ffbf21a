public import Foundation
import GRDB
public import Provisioning

extension Journal {
    /// The id of the open shift, inside a transaction: what records of that time are stamped with.
    static func openShift(_ db: Database) throws -> String? {
        try String.fetchOne(try db.cachedStatement(sql: "SELECT id FROM shift WHERE ended_seq IS NULL"))
    }

    /// The open shift; nil between shifts.
    public func openShift() async throws -> Shift? {
        try await read { try Self.shift($0, "ended_seq IS NULL", []) }
    }

    /// The shift of that id, such as `2026-11-26/day`.
    public func shift(_ id: String) async throws -> Shift? {
        try await read { try Self.shift($0, "id = ?", [id]) }
    }

    /// The last shifts, the latest first.
    public func shifts(limit: Int) async throws -> [Shift] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM shift ORDER BY began_seq DESC LIMIT ?", arguments: [limit]
            ).map(Self.shift)
        }
    }

    /// Begins a shift.
    /// - Throws: ``JournalError`` with `conflict` where one is open, or this one was worked already.
    @discardableResult
    public func beginShift(_ plan: ShiftPlan, actor: String) async throws -> Shift {
        try await write { writer in
            if let open = try Self.openShift(writer.db) {
                throw JournalError(
                    .conflict, "shift \(open) is open: end it first", zh: "班次 \(open) 还没有结束：先交班")
            }
            guard try Self.shift(writer.db, "id = ?", [plan.id]) == nil else {
                throw JournalError(.conflict, "shift \(plan.id) was worked already", zh: "班次 \(plan.id) 已经开过")
            }
            let seq = try writer.append(
                .shiftBegan, actor: actor,
                body: [
                    "shift": .string(plan.id), "date": .string(plan.date), "name": .string(plan.name),
                    "planned_from": .string(Shift.text(plan.from)), "planned_until": .string(Shift.text(plan.until)),
                    "zone": .string(plan.zone), "breaks": Shift.json(plan.breaks),
                    "plan_per_hour": .init(plan.planPerHour), "people": .array(plan.people.map(JSONValue.string)),
                    "lines": .null,
                ])
            try writer.execute(
                """
                INSERT INTO shift (id, date, name, planned_from, planned_until, zone, breaks, plan_per_hour, people,
                    began, began_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    plan.id, plan.date, plan.name, Shift.text(plan.from), Shift.text(plan.until), plan.zone,
                    Shift.json(plan.breaks).text, plan.planPerHour,
                    JSONValue.array(plan.people.map(JSONValue.string)).text, Timestamp.text(writer.now), seq,
                ])
            for order in try Row.fetchAll(writer.db, sql: "SELECT * FROM work_order").map(Self.order) {
                try Self.wantFirstArticle(writer, order, reason: "shift \(plan.id) has begun", actor: actor)
            }
            return Shift(plan: plan, began: writer.now, beganSequence: seq)
        }
    }

    /// Moves the planned end of the open shift.
    /// - Throws: ``JournalError`` with `conflict` where none is open.
    @discardableResult
    public func moveShift(until: Date, reason: String, actor: String) async throws -> Shift {
        try await write { writer in
            let open = try Self.insistOnOpenShift(writer.db)
            try writer.append(
                .shiftChanged, actor: actor,
                body: [
                    "shift": .string(open.id), "planned_until": .string(Shift.text(until)), "reason": .string(reason),
                ])
            try writer.execute(
                "UPDATE shift SET planned_until = ? WHERE id = ?", [Shift.text(until), open.id])
            return try Self.shift(writer.db, "id = ?", [open.id]) ?? open
        }
    }

    /// Writes down what the next shift should know, for the open shift or the last one; what stood there is replaced.
    /// - Throws: ``JournalError`` with `conflict` where there was no shift yet.
    @discardableResult
    public func noteShift(_ note: String, actor: String) async throws -> Shift {
        try await write { writer in
            guard let last = try Self.shift(writer.db, "1 ORDER BY began_seq DESC", []) else {
                throw JournalError(
                    .conflict, "there is no shift yet that a note could belong to", zh: "还没有班次，不能写交接")
            }
            try writer.append(
                .shiftNoted, actor: actor, body: ["shift": .string(last.id), "note": .string(note)])
            try writer.execute("UPDATE shift SET note = ? WHERE id = ?", [note, last.id])
            return try Self.shift(writer.db, "id = ?", [last.id]) ?? last
        }
    }

    /// Ends the open shift: its report is cut at this record.
    /// - Parameters:
    ///   - id: the shift that is meant; where it is not the open one any more, nothing changes and nil comes back. nil =
    ///     whichever is open.
    ///   - note: what the next shift should know; nil = as it was noted before.
    /// - Throws: ``JournalError`` with `conflict` where none is open and none was named.
    @discardableResult
    public func endShift(
        _ id: String? = nil, by end: Shift.End, note: String? = nil, actor: String
    ) async throws -> Shift? {
        let ended = try await write { writer -> Shift? in
            if let id, try Self.openShift(writer.db) != id { return nil }
            let open = try Self.insistOnOpenShift(writer.db)
            let seq = try writer.append(
                .shiftEnded, actor: actor,
                body: [
                    "shift": .string(open.id), "note": .init(note ?? open.note), "reason": .string(end.rawValue),
                ])
            try writer.execute(
                "UPDATE shift SET ended = ?, ended_seq = ?, ended_by = ?, note = ? WHERE id = ?",
                [Timestamp.text(writer.now), seq, end.rawValue, note ?? open.note, open.id])
            return try Self.shift(writer.db, "id = ?", [open.id])
        }
        if ended != nil { try await writeHead() }
        return ended
    }

    // MARK: - Inside the transaction

    private static func insistOnOpenShift(_ db: Database) throws -> Shift {
        guard let open = try shift(db, "ended_seq IS NULL", []) else {
            throw JournalError(
                .conflict, "no shift is open; `station shift show` tells which comes next", zh: "没有进行中的班次")
        }
        return open
    }

    private static func shift(_ db: Database, _ condition: String, _ arguments: StatementArguments) throws -> Shift? {
        try Row.fetchOne(db, sql: "SELECT * FROM shift WHERE \(condition) LIMIT 1", arguments: arguments).map(shift)
    }

    private static func shift(_ row: Row) throws -> Shift {
        func instant(_ text: String) throws -> Date {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
            guard let date = try? style.parse(text) else {
                throw JournalError(.broken, "shift \(row["id"] as String) has the time \(text)")
            }
            return date
        }
        let breaks = try JSONValue(parsing: row["breaks"]).array ?? []
        return Shift(
            plan: ShiftPlan(
                date: row["date"], name: row["name"], from: try instant(row["planned_from"]),
                until: try instant(row["planned_until"]), zone: row["zone"],
                breaks: try breaks.map {
                    .init(from: try instant($0["from"].string ?? ""), until: try instant($0["until"].string ?? ""))
                }, planPerHour: row["plan_per_hour"],
                people: (try JSONValue(parsing: row["people"]).array ?? []).compactMap(\.string)),
            began: try instant(row["began"]), beganSequence: row["began_seq"],
            ended: try (row["ended"] as String?).map(instant), endedSequence: row["ended_seq"],
            end: (row["ended_by"] as String?).flatMap { Shift.End(rawValue: $0) }, note: row["note"])
    }
}
