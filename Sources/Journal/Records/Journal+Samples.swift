import GRDB
import Provisioning

extension Journal {
    /// After a failed run: where the unit was a sample of its order, and failed in boot or activation, every unit made
    /// since the last good sample is held and the order is set to 100 %.
    static func judgeSample(
        _ writer: JournalWriter, run: Int64, unit id: Int64, code: FailureCode?, actor: String
    ) throws {
        guard let code, code.text.hasPrefix("BT-") || code.text.hasPrefix("AC-"),
            let unit = try unit(writer.db, "id = ?", [id]), let order = try order(writer.db, id: unit.order),
            case .sample = order.activation, !order.activatesAll, order.activation.activates(unit.ordinal)
        else { return }
        let good = try Int.fetchAll(
            writer.db,
            sql:
                "SELECT ordinal FROM unit WHERE work_order = ? AND state = 'passed' AND ordinal < ? ORDER BY ordinal DESC",
            arguments: [order.id, unit.ordinal]
        ).first { order.activation.activates($0) }
        let held = try Row.fetchAll(
            writer.db,
            sql: "SELECT id, device_name FROM unit WHERE work_order = ? AND state = 'done' AND ordinal > ? ORDER BY id",
            arguments: [order.id, good ?? 0])
        try writer.append(
            .sampleFailed, actor: actor,
            body: [
                "order": .string(order.id), "run": .int(run), "unit": .int(id), "failure_code": .string(code.text),
                "hold_code": .string(FailureCode.sampleFailed.text), "last_good_ordinal": .init(good),
                "held": .array(held.map { .int($0["id"]) }),
            ])
        for row in held {
            try writer.execute("UPDATE unit SET state = 'held' WHERE id = ?", [row["id"] as Int64])
        }
        try writer.execute("UPDATE work_order SET activates_all = 1 WHERE id = ?", [order.id])
    }
}
