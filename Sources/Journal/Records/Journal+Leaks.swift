import GRDB
public import Provisioning

/// What the journal can say about one of the cloud's devices.
public struct WatchedName: Sendable {
    /// The unit that was claimed under the name.
    public let unit: BoardUnit?
    /// Whether a run of the unit is open.
    public let isRunning: Bool
    /// The window of the unit's order.
    public let window: ProductionWindow?
    /// Whether the unit's order is closed.
    public let isOrderClosed: Bool
    /// Whether the name was there before this station began, by the baseline.
    public let isInBaseline: Bool
    /// Whether an order lists it as created beforehand.
    public let isListed: Bool
}

/// An alarm of the leak watch.
public struct LeakAlarm: Hashable, Sendable {
    public let id: Int64
    public let productKey: String
    public let deviceName: String
    /// `active-not-ours`, `name-not-ours`, `active-without-run` or `active-outside-window`.
    public let kind: String
    public let details: JSONValue
    public let isCleared: Bool
}

extension Journal {
    /// Records the names that a product had before this station began; the leak watch takes them as explained.
    /// - Throws: ``JournalError`` with `conflict` when the product has a baseline and `replaces` is false.
    public func importBaseline(
        productKey: String, names: [String], replaces: Bool = false, reason: String, actor: String
    ) async throws {
        try await write { writer in
            let known = try Int.fetchOne(
                writer.db, sql: "SELECT names FROM baseline_import WHERE product_key = ?", arguments: [productKey])
            if let known, !replaces {
                throw JournalError(
                    .conflict,
                    "product \(productKey) has a baseline of \(known) names; --replace takes the new one instead")
            }
            try writer.append(
                .baselineImported, actor: actor,
                body: [
                    "product_key": .string(productKey), "names": .array(names.map(JSONValue.string)),
                    "reason": .string(reason),
                ])
            try writer.execute("DELETE FROM baseline WHERE product_key = ?", [productKey])
            for name in names {
                try writer.execute(
                    "INSERT OR IGNORE INTO baseline (product_key, name_folded) VALUES (?, ?)",
                    [productKey, name.lowercased()])
            }
            try writer.execute(
                "INSERT OR REPLACE INTO baseline_import (product_key, names) VALUES (?, ?)", [productKey, names.count])
        }
    }

    /// How many names the product's baseline has; nil where none was imported.
    public func baselineCount(productKey: String) async throws -> Int? {
        try await read {
            try Int.fetchOne(
                $0, sql: "SELECT names FROM baseline_import WHERE product_key = ?", arguments: [productKey])
        }
    }

    /// What the journal says of devices the cloud lists, in one consistent reading.
    public func watched(productKey: String, names: [String]) async throws -> [WatchedName] {
        try await read { db in
            try names.map { name in
                let folded = name.lowercased()
                let unit = try Self.unit(db, "product_key = ? AND name_folded = ?", [productKey, folded])
                let running = try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE unit = ? AND outcome IS NULL)",
                    arguments: [unit?.id])
                let flags = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM baseline WHERE product_key = ?1 AND name_folded = ?2),
                            EXISTS (SELECT 1 FROM listed_name WHERE product_key = ?1 AND name_folded = ?2)
                        """, arguments: [productKey, folded])
                let order = try unit.flatMap { try Self.order(db, id: $0.order) }
                return WatchedName(
                    unit: unit, isRunning: running ?? false, window: order?.terms.window,
                    isOrderClosed: order?.state.isOver == true,
                    isInBaseline: flags?[0] ?? false, isListed: flags?[1] ?? false)
            }
        }
    }

    /// Records an alarm, once: while it is open the same one is not raised again.
    /// - Returns: nil where it is open already.
    public func raiseAlarm(
        productKey: String, deviceName: String, kind: String, details: JSONValue, actor: String
    ) async throws -> LeakAlarm? {
        try await write { writer in
            let isOpen = try Bool.fetchOne(
                writer.db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM alarm
                        WHERE product_key = ? AND device_name = ? AND kind = ? AND cleared = 0)
                    """, arguments: [productKey, deviceName, kind])
            if isOpen == true { return nil }
            try writer.execute(
                "INSERT INTO alarm (product_key, device_name, kind, details) VALUES (?, ?, ?, ?)",
                [productKey, deviceName, kind, details.text])
            let id = writer.db.lastInsertedRowID
            try writer.append(
                .leakAlarmed, actor: actor,
                body: [
                    "alarm": .int(id), "product_key": .string(productKey), "device_name": .string(deviceName),
                    "kind": .string(kind), "failure_code": .string(FailureCode.leak.text), "details": details,
                ])
            return LeakAlarm(
                id: id, productKey: productKey, deviceName: deviceName, kind: kind, details: details, isCleared: false)
        }
    }

    /// Closes an alarm; a named person says why. If its cause is still there the next poll raises it again.
    /// - Throws: ``JournalError`` with `notFound`.
    public func clearAlarm(_ id: Int64, reason: String, actor: String) async throws {
        try await write { writer in
            let open = try Bool.fetchOne(
                writer.db, sql: "SELECT EXISTS (SELECT 1 FROM alarm WHERE id = ? AND cleared = 0)", arguments: [id])
            guard open == true else {
                throw JournalError(.notFound, "there is no open alarm \(id); `station watch list` shows them")
            }
            try writer.append(.leakCleared, actor: actor, body: ["alarm": .int(id), "reason": .string(reason)])
            try writer.execute("UPDATE alarm SET cleared = 1 WHERE id = ?", [id])
        }
    }

    /// The alarms, by number.
    public func alarms() async throws -> [LeakAlarm] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM alarm ORDER BY id").map { row in
                LeakAlarm(
                    id: row["id"], productKey: row["product_key"], deviceName: row["device_name"], kind: row["kind"],
                    details: try JSONValue(parsing: row["details"]), isCleared: row["cleared"])
            }
        }
    }
}
