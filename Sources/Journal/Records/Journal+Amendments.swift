public import Foundation
import GRDB
public import Provisioning

extension Journal {
    /// Changes what may change about an order: quota, window, limits; every change is a record.
    /// - Parameter change: makes the new terms out of the old ones; all but quota, window and limits are left as they are.
    /// - Throws: ``JournalError`` with `notFound`, or `conflict`: the order is over or being closed, the quota would be less
    ///   than what is claimed or listed in advance, or nothing would change.
    @discardableResult
    public func amendOrder(
        _ id: String, reason: String, actor: String, _ change: @Sendable @escaping (inout WorkOrder.Terms) -> Void
    ) async throws -> WorkOrder {
        try await write { writer in
            guard var order = try Self.order(writer.db, id: id) else {
                throw JournalError(
                    .notFound, "there is no order \(id); `station order list` shows them", zh: "没有工单 \(id)")
            }
            guard !order.state.isOver, order.state != .closing else {
                throw JournalError(
                    .conflict, "order \(id) is \(order.state.rawValue): nothing of it changes any more",
                    zh: "工单 \(id) 正在关闭或已结束，不能再改")
            }
            let before = order.terms
            change(&order.terms)
            let after = order.terms
            let listed =
                try Int.fetchOne(
                    writer.db, sql: "SELECT count(*) FROM listed_name WHERE work_order = ?", arguments: [id]) ?? 0
            let least = max(1, order.claimed, listed)
            guard after.quota >= least else {
                throw JournalError(
                    .conflict,
                    "order \(id): quota \(after.quota), expected at least \(least): \(order.claimed) are claimed, \(listed) "
                        + "names are listed in advance",
                    zh: "工单 \(id)：数量 \(after.quota)，至少应为 \(least)（已登记 \(order.claimed)，预建名称 \(listed)）")
            }
            let (was, now) = (Self.amendable(before), Self.amendable(after))
            let changed = now.keys.filter { now[$0] != was[$0] }
            guard !changed.isEmpty else {
                throw JournalError(
                    .conflict, "order \(id): nothing is to change", zh: "工单 \(id)：没有改动")
            }
            try writer.append(
                .orderAmended, actor: actor,
                body: [
                    "order": .string(id), "from": .object(was.filter { changed.contains($0.key) }),
                    "to": .object(now.filter { changed.contains($0.key) }), "reason": .string(reason),
                ])
            try writer.execute(
                "UPDATE work_order SET quota = ?, window = ?, limits = ? WHERE id = ?",
                [after.quota, after.window?.description, after.limits.json.text, id])
            return order
        }
    }

    private static func amendable(_ terms: WorkOrder.Terms) -> [String: JSONValue] {
        var members = terms.limits.json.object ?? [:]
        (members["quota"], members["window"]) = (.init(terms.quota), .init(terms.window?.description))
        return members
    }

    /// The units of an order that wait for their activation: how many, and since when the longest waiting one has.
    public func offlineDebt(order id: String) async throws -> (units: Int, since: Date?) {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*), min((SELECT max(run.started) FROM run
                        WHERE run.unit = unit.id AND run.mode IN ('full', 'full-write-all')))
                    FROM unit WHERE work_order = ? AND state = 'awaitingActivation'
                    """, arguments: [id])
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            return (row?[0] ?? 0, (row?[1] as String?).flatMap { try? style.parse($0) })
        }
    }

    /// Ends what a person has waived: no unit of the order waits for its activation any more.
    public func endDebtWaiver(order id: String) async throws {
        try await write { try $0.execute("UPDATE work_order SET debt_waived = 0 WHERE id = ?", [id]) }
    }
}
