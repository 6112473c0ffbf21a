import GRDB
import Provisioning

extension Journal {
    /// After a failed run: where the unit was a sample of its order, and failed in boot or activation, every unit made
    /// since the last good sample is held and the order is set to 100 %.
    static func judgeSample(
        _ writer: JournalWriter, run: Int64, unit id: Int64, code: FailureCode?, actor: String
    ) throws {
        // A board that was lifted off says nothing about the others.
        guard let code, code.text.hasPrefix("BT-") || code.text.hasPrefix("AC-"), !code.text.hasSuffix("-110"),
            let unit = try unit(writer.db, "id = ?", [id]), let order = try order(writer.db, id: unit.order),
            case .sample = order.activation, !order.activatesAll, order.activation.activates(unit.ordinal)
        else { return }
        let good = try Int.fetchAll(
            writer.db, sql: "SELECT ordinal FROM unit WHERE work_order = ? AND state = 'passed'", arguments: [order.id]
        ).filter { order.activation.activates($0) }
        let last = good.filter { $0 < unit.ordinal }.max() ?? 0
        let next = good.filter { $0 > unit.ordinal }.min() ?? Int(Int32.max)
        let held = try Row.fetchAll(
            writer.db,
            sql: """
                SELECT id FROM unit WHERE work_order = ? AND state = 'done' AND ordinal > ? AND ordinal < ? ORDER BY id
                """, arguments: [order.id, last, next])
        try writer.append(
            .sampleFailed, actor: actor,
            body: [
                "order": .string(order.id), "run": .int(run), "unit": .int(id), "failure_code": .string(code.text),
                "hold_code": .string(FailureCode.sampleFailed.text), "last_good_ordinal": .init(last),
                "held": .array(held.map { .int($0["id"]) }), "shift": .init(try openShift(writer.db)),
            ])
        for row in held {
            try writer.execute("UPDATE unit SET state = 'held' WHERE id = ?", [row["id"] as Int64])
        }
        try writer.execute("UPDATE work_order SET activates_all = 1 WHERE id = ?", [order.id])
    }

    /// Whether a sample of the unit's order has failed: a board that was under way then ends as done by its claim, and is
    /// held with the others.
    static func isUnderFailedSample(_ db: Database, unit: Int64) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT activates_all FROM work_order JOIN unit ON unit.work_order = work_order.id WHERE unit.id = ?
                """, arguments: [unit]) == true
    }
}
