import GRDB
public import Provisioning

/// One batch of DeviceNames that an order has created in advance: at most as many as one call of the cloud takes.
public struct NameBatch: Hashable, Sendable {
    public let order: String
    public let productKey: String
    /// From 1, within the order.
    public let number: Int
    /// In the order of the list.
    public let names: [String]
    /// Where it stood when it was saved last; null before the first save.
    public let checkpoint: JSONValue
}

/// One name of an order's list, and what came of it.
public struct ListedName: Hashable, Sendable {
    public let name: String
    /// `created`, `invalid`, `repeated` or `missing`; nil while its batch is open.
    public let outcome: String?
    /// In the cloud's words; nil where it gave none.
    public let reason: String?
    public let iotID: String?

    public init(name: String, outcome: String?, reason: String?, iotID: String?) {
        (self.name, self.outcome, self.reason, self.iotID) = (name, outcome, reason, iotID)
    }
}

/// How far the creation of an order's names is.
public struct BatchProgress: Hashable, Sendable {
    public let listed: Int
    public let created: Int
    public let refused: Int
    public let openBatches: Int

    public init(listed: Int, created: Int, refused: Int, openBatches: Int) {
        (self.listed, self.created, self.refused, self.openBatches) = (listed, created, refused, openBatches)
    }
}

extension Journal {
    /// Puts a list of names on record, cut into batches, to be created in the cloud.
    ///
    /// The same list for the same order is taken once: asking again changes nothing, so that a command that was cut off
    /// can be repeated.
    /// - Parameters:
    ///   - digest: of the whole list, so that a repetition is recognised.
    ///   - batches: the names, in batches.
    /// - Throws: ``JournalError`` with `notFound`; `conflict` for a closed order, one without pre-registration, names
    ///   that were listed before, or more names than the order's quota.
    public func listNames(order id: String, digest: String, batches: [[String]], actor: String) async throws {
        try await write { writer in
            guard let order = try Self.order(writer.db, id: id) else {
                throw JournalError(.notFound, "there is no order \(id); `station order list` shows them")
            }
            let isKnown = try Bool.fetchOne(
                writer.db, sql: "SELECT EXISTS (SELECT 1 FROM batch WHERE work_order = ? AND names_digest = ?)",
                arguments: [id, digest])
            if isKnown == true { return }
            guard !order.state.isOver else {
                throw JournalError(.conflict, "order \(id) is \(order.state.rawValue); no names are created for it")
            }
            guard order.registration == .preRegistered else {
                throw JournalError(
                    .conflict, "order \(id) works without pre-registration: its names come into being with its boards")
            }
            let listed = try Int.fetchOne(
                writer.db, sql: "SELECT count(*) FROM listed_name WHERE work_order = ?", arguments: [id])
            let count = batches.reduce(listed ?? 0) { $0 + $1.count }
            guard count <= order.quota else {
                throw JournalError(
                    .conflict, "\(count) names for order \(id): expected at most its quota of \(order.quota)")
            }
            let first = try Int.fetchOne(
                writer.db, sql: "SELECT max(number) FROM batch WHERE work_order = ?", arguments: [id])
            for (index, names) in batches.enumerated() {
                let number = (first ?? 0) + 1 + index
                try writer.append(
                    .batchListed, actor: actor,
                    body: [
                        "order": .string(id), "product_key": .string(order.productKey), "batch": .init(number),
                        "list_digest": .string(digest), "names": .array(names.map(JSONValue.string)),
                    ])
                try writer.execute(
                    "INSERT INTO batch (work_order, number, names_digest, state) VALUES (?, ?, ?, 'open')",
                    [id, number, digest])
                for (line, name) in names.enumerated() {
                    do {
                        try writer.execute(
                            """
                            INSERT INTO listed_name (product_key, name_folded, device_name, work_order, batch, line)
                            VALUES (?, ?, ?, ?, ?, ?)
                            """, [order.productKey, name.lowercased(), name, id, number, line])
                    } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                        throw JournalError(
                            .conflict, "\(name) is listed already, for this order or another one of the product")
                    }
                }
            }
        }
    }

    /// The batches of orders that are not closed which are not done, by order and number.
    public func openBatches() async throws -> [NameBatch] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT batch.*, work_order.product_key FROM batch JOIN work_order ON work_order.id = batch.work_order
                    WHERE batch.state = 'open' AND work_order.state NOT IN ('closed', 'terminated')
                    ORDER BY batch.work_order, batch.number
                    """
            ).map { row in
                let names = try String.fetchAll(
                    db, sql: "SELECT device_name FROM listed_name WHERE work_order = ? AND batch = ? ORDER BY line",
                    arguments: [row["work_order"] as String, row["number"] as Int])
                return NameBatch(
                    order: row["work_order"], productKey: row["product_key"], number: row["number"], names: names,
                    checkpoint: try (row["checkpoint"] as String?).map { try JSONValue(parsing: $0) } ?? .null)
            }
        }
    }

    /// Records where a batch stands, before its next call.
    public func saveBatch(_ batch: NameBatch, checkpoint: JSONValue, actor: String) async throws {
        try await write { writer in
            try writer.append(
                .batchSaved, actor: actor,
                body: ["order": .string(batch.order), "batch": .init(batch.number), "checkpoint": checkpoint])
            try writer.execute(
                "UPDATE batch SET checkpoint = ? WHERE work_order = ? AND number = ?",
                [checkpoint.text, batch.order, batch.number])
        }
    }

    /// Records what came of every name of a batch.
    /// - Parameter strangers: devices the cloud counts to it although nobody asked for them.
    public func concludeBatch(
        _ batch: NameBatch, names: [ListedName], strangers: [String], actor: String
    ) async throws {
        try await write { writer in
            try writer.append(
                .batchConcluded, actor: actor,
                body: [
                    "order": .string(batch.order), "batch": .init(batch.number),
                    "names": .array(
                        names.map {
                            [
                                "name": .string($0.name), "outcome": .init($0.outcome), "reason": .init($0.reason),
                                "iot_id": .init($0.iotID),
                            ]
                        }), "strangers": .array(strangers.map(JSONValue.string)),
                ])
            for name in names {
                try writer.execute(
                    """
                    UPDATE listed_name SET outcome = ?, reason = ?, iot_id = ?
                    WHERE product_key = ? AND name_folded = ? AND work_order = ?
                    """,
                    [name.outcome, name.reason, name.iotID, batch.productKey, name.name.lowercased(), batch.order])
            }
            try writer.execute(
                "UPDATE batch SET state = 'done' WHERE work_order = ? AND number = ?", [batch.order, batch.number])
        }
    }

    /// Every name of an order's list, in its order.
    public func listedNames(order: String) async throws -> [ListedName] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM listed_name WHERE work_order = ? ORDER BY batch, line", arguments: [order]
            ).map {
                ListedName(
                    name: $0["device_name"], outcome: $0["outcome"], reason: $0["reason"], iotID: $0["iot_id"])
            }
        }
    }

    /// The name as an order lists it and created it beforehand, or took it over after a restore; nil where none does.
    public func createdName(productKey: String, deviceName: DeviceName, order: String) async throws -> ListedName? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT device_name, outcome, reason, iot_id FROM listed_name
                    WHERE product_key = ?1 AND name_folded = ?2 AND work_order = ?3 AND outcome = 'created'
                    UNION ALL SELECT device_name, 'created', 'taken over', iot_id FROM taken_over
                    WHERE product_key = ?1 AND name_folded = ?2 AND work_order = ?3 LIMIT 1
                    """, arguments: [productKey, deviceName.folded, order]
            ).map {
                ListedName(
                    name: $0["device_name"], outcome: $0["outcome"], reason: $0["reason"], iotID: $0["iot_id"])
            }
        }
    }

    /// Whether the name is on a list whose batch is not done.
    public func isBeingCreated(productKey: String, deviceName: DeviceName) async throws -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM listed_name
                        WHERE product_key = ? AND name_folded = ? AND outcome IS NULL)
                    """, arguments: [productKey, deviceName.folded]) ?? false
        }
    }

    /// How far an order's names are; nil where it has no list.
    public func batchProgress(order: String) async throws -> BatchProgress? {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) AS listed, coalesce(sum(outcome = 'created'), 0) AS created,
                        coalesce(sum(outcome <> 'created'), 0) AS refused FROM listed_name WHERE work_order = ?
                    """, arguments: [order])
            guard let row, row["listed"] as Int > 0 else { return nil }
            let open = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM batch WHERE work_order = ? AND state = 'open'", arguments: [order])
            return BatchProgress(
                listed: row["listed"], created: row["created"], refused: row["refused"], openBatches: open ?? 0)
        }
    }
}
