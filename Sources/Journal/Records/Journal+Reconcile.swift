import GRDB
public import Provisioning

/// A reconciliation as the journal has it.
public struct ReconciliationRecord: Hashable, Sendable {
    /// From 1; its files are named by it.
    public let number: Int64
    public let order: String
    /// Of its record.
    public let seq: Int64
    /// The body of `reconcile.concluded`.
    public let body: JSONValue
}

/// An outside effect on a name that no unit stands behind, begun and not concluded.
public struct NameIntent: Hashable, Sendable {
    public let id: Int64
    public let productKey: String
    public let deviceName: String
    public let effect: Effect
    /// The device's IotId.
    public let key: String
}

extension Journal {
    /// The number the next reconciliation gets.
    public func nextReconciliation() async throws -> Int64 {
        try await read { try Int64.fetchOne($0, sql: "SELECT coalesce(max(id), 0) + 1 FROM reconciliation") ?? 1 }
    }

    /// Records what a reconciliation found.
    /// - Parameter body: as `reconcile.concluded` has it.
    /// - Throws: ``JournalError`` with `conflict` where the number is taken.
    @discardableResult
    public func concludeReconciliation(
        _ number: Int64, order: String, body: JSONValue, actor: String
    ) async throws -> ReconciliationRecord {
        let record = try await write { writer in
            let next = try Int64.fetchOne(writer.db, sql: "SELECT coalesce(max(id), 0) + 1 FROM reconciliation")
            guard next == number else {
                throw JournalError(.conflict, "reconciliation \(number): expected number \(next ?? 1)")
            }
            let seq = try writer.append(.reconcileConcluded, actor: actor, body: body)
            try writer.execute(
                "INSERT INTO reconciliation (id, work_order, seq, body) VALUES (?, ?, ?, ?)",
                [number, order, seq, body.text])
            return ReconciliationRecord(number: number, order: order, seq: seq, body: body)
        }
        try await writeHead()
        return record
    }

    /// The last reconciliation of an order; nil where there was none.
    public func lastReconciliation(order: String) async throws -> ReconciliationRecord? {
        try await read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM reconciliation WHERE work_order = ? ORDER BY id DESC LIMIT 1",
                arguments: [order]
            ).map {
                ReconciliationRecord(
                    number: $0["id"], order: $0["work_order"], seq: $0["seq"],
                    body: try JSONValue(parsing: $0["body"]))
            }
        }
    }

    // MARK: - Names without a unit

    /// Puts the intent of an outside effect on disk, for a name that no unit stands behind.
    public func beginNameIntent(
        order: String, productKey: String, deviceName: String, effect: Effect, key: String, reason: String,
        actor: String
    ) async throws -> NameIntent {
        try await write { writer in
            let details: JSONValue = [
                "order": .string(order), "product_key": .string(productKey), "device_name": .string(deviceName),
                "reason": .string(reason),
            ]
            try writer.execute(
                "INSERT INTO intent (effect, key, details) VALUES (?, ?, ?)", [effect.rawValue, key, details.text])
            let id = writer.db.lastInsertedRowID
            try writer.append(
                .intentBegun, actor: actor,
                body: [
                    "intent": .int(id), "run": nil, "workflow": nil, "unit": nil, "effect": .string(effect.rawValue),
                    "key": .string(key), "details": details, "order": .string(order),
                ])
            return NameIntent(id: id, productKey: productKey, deviceName: deviceName, effect: effect, key: key)
        }
    }

    /// Records what came of it; a name that was deleted is crossed off its list.
    public func finishNameIntent(_ intent: NameIntent, isKnown: Bool, result: String, actor: String) async throws {
        try await write { writer in
            let details = try String.fetchOne(
                writer.db, sql: "SELECT details FROM intent WHERE id = ?", arguments: [intent.id])
            let order = try details.map { try JSONValue(parsing: $0) }?["order"] ?? .null
            try writer.append(
                .intentFinished, actor: actor,
                body: [
                    "intent": .int(intent.id), "unit": nil, "effect": .string(intent.effect.rawValue),
                    "known": .bool(isKnown), "result": .string(result), "iot_id": nil, "details": nil, "order": order,
                    "product_key": .string(intent.productKey), "device_name": .string(intent.deviceName),
                ])
            try writer.execute(
                "UPDATE intent SET result = ?, known = ? WHERE id = ?", [result, isKnown, intent.id])
            if isKnown, intent.effect == .delete {
                try Self.crossOff(writer, intent.productKey, intent.deviceName, outcome: "deleted")
            }
        }
    }

    /// What was cut off between its intent and its conclusion.
    public func openNameIntents() async throws -> [NameIntent] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, effect, key, details FROM intent
                    WHERE result IS NULL AND run IS NULL AND workflow IS NULL ORDER BY id
                    """
            ).compactMap { row in
                let details = try JSONValue(parsing: row["details"])
                guard let effect = Effect(rawValue: row["effect"]), let product = details["product_key"].string,
                    let name = details["device_name"].string
                else { return nil }
                return NameIntent(
                    id: row["id"], productKey: product, deviceName: name, effect: effect, key: row["key"])
            }
        }
    }

    /// Crosses a name off its order's list: the cloud has it no more.
    public func dropName(
        order: String, productKey: String, deviceName: String, reason: String, actor: String
    ) async throws {
        try await write { writer in
            try writer.append(
                .nameDropped, actor: actor,
                body: [
                    "order": .string(order), "product_key": .string(productKey), "device_name": .string(deviceName),
                    "reason": .string(reason),
                ])
            try Self.crossOff(writer, productKey, deviceName, outcome: "dropped")
        }
    }

    private static func crossOff(
        _ writer: JournalWriter, _ product: String, _ name: String, outcome: String
    ) throws {
        try writer.execute(
            "UPDATE listed_name SET outcome = ?, iot_id = NULL WHERE product_key = ? AND name_folded = ?",
            [outcome, product, name.lowercased()])
    }

    /// Takes more names into a product's baseline, which it may have none of so far.
    public func addToBaseline(productKey: String, names: [String], reason: String, actor: String) async throws {
        try await write { writer in
            try writer.append(
                .baselineImported, actor: actor,
                body: [
                    "product_key": .string(productKey), "names": .array(names.map(JSONValue.string)), "adds": true,
                    "reason": .string(reason),
                ])
            for name in names {
                try writer.execute(
                    "INSERT OR IGNORE INTO baseline (product_key, name_folded) VALUES (?, ?)",
                    [productKey, name.lowercased()])
            }
            try writer.execute(
                """
                INSERT OR REPLACE INTO baseline_import (product_key, names)
                VALUES (?1, (SELECT count(*) FROM baseline WHERE product_key = ?1))
                """, [productKey])
        }
    }

    /// Whether names of an order's list are still being created.
    public func isListOpen(order: String) async throws -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM batch WHERE work_order = ? AND state = 'open')",
                arguments: [order]) ?? false
        }
    }
}
