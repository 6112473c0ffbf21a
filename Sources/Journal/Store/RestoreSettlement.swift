import GRDB
public import Provisioning

/// A device of the cloud that the journal does not know: nobody claimed, listed or explained it.
public struct UnknownDevice: Hashable, Sendable {
    public let productKey: String
    public let deviceName: String
    public let iotID: String
    /// As the cloud has it; nil where it did not tell.
    public let state: String?
    public let createdAt: String?

    public init(productKey: String, deviceName: String, iotID: String, state: String?, createdAt: String?) {
        (self.productKey, self.deviceName, self.iotID) = (productKey, deviceName, iotID)
        (self.state, self.createdAt) = (state, createdAt)
    }

    public var json: JSONValue {
        [
            "product_key": .string(productKey), "device_name": .string(deviceName), "iot_id": .string(iotID),
            "state": .init(state), "created_at": .init(createdAt),
        ]
    }
}

extension Journal {
    /// Lets production go on after a restore: what the cloud has and the journal has lost counts from now on.
    ///
    /// Devices that are taken over count against their order's quota, as does every claim that the head's witness tells of;
    /// a board that comes back under such a name takes its place and is not counted again.
    /// - Parameters:
    ///   - taken: the order each device is counted to.
    ///   - explained: devices that are not this station's work.
    /// - Throws: ``JournalError`` with `conflict` where another hold is open by now, `notFound` for an order that is not
    ///   there or of another product.
    public func settleHold(
        _ hold: ProductionHold, taken: [(device: UnknownDevice, order: String)], explained: [UnknownDevice],
        reason: String, actor: String
    ) async throws {
        let (witness, mark) = (witness, watchesPlace ? StationMark.read(folder: folder) : nil)
        try await write { writer in
            guard try Self.productionHold(writer.db) == hold else {
                throw JournalError(.conflict, "what holds production has changed meanwhile; look again")
            }
            for (device, id) in taken {
                guard let order = try Self.order(writer.db, id: id), order.productKey == device.productKey else {
                    throw JournalError(
                        .notFound, "\(device.deviceName): there is no order \(id) of product \(device.productKey)")
                }
                try writer.execute(
                    """
                    INSERT INTO taken_over (product_key, name_folded, device_name, iot_id, work_order)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                    [device.productKey, device.deviceName.lowercased(), device.deviceName, device.iotID, id])
                // More than the quota cannot be counted; nothing is left to claim then.
                try writer.execute("UPDATE work_order SET claimed = min(quota, claimed + 1) WHERE id = ?", [id])
            }
            for (id, claimed) in (hold.details["witness"]["claimed"].object ?? [:]) {
                try writer.execute(
                    "UPDATE work_order SET claimed = min(quota, max(claimed, ?)) WHERE id = ?", [claimed.int, id])
            }
            try Self.explain(writer, taken.map(\.device) + explained, reason: reason, actor: actor)
            let counted = try Row.fetchAll(writer.db, sql: "SELECT id, claimed FROM work_order ORDER BY id")
            try writer.append(
                .restoreSettled, actor: actor,
                body: [
                    "hold": .int(hold.id), "cause": .string(hold.cause.rawValue), "reason": .string(reason),
                    "taken_over": .array(taken.map { $0.device.json.adding("order", .string($0.order)) }),
                    "explained": .array(explained.map(\.json)),
                    "claimed": .object(
                        Dictionary(uniqueKeysWithValues: counted.map { ($0[0] as String, .int($0[1])) })),
                ])
            try writer.execute("UPDATE production_hold SET settled = 1 WHERE id = ?", [hold.id])
            if let mark { try Self.put(mark, writer) }
            try Self.adoptCopyTags(writer)
            if let witness { try Self.write(witness: witness, writer.db, settled: true) }
        }
        try await writeHead()
    }

    /// Puts the names into their products' baselines: leak watch and reconciliation take them as known.
    private static func explain(
        _ writer: JournalWriter, _ devices: [UnknownDevice], reason: String, actor: String
    ) throws {
        for (product, devices) in Dictionary(grouping: devices, by: \.productKey).sorted(by: { $0.key < $1.key }) {
            try writer.append(
                .baselineImported, actor: actor,
                body: [
                    "product_key": .string(product), "names": .array(devices.map { .string($0.deviceName) }),
                    "reason": .string(reason), "adds": true,
                ])
            for device in devices {
                try writer.execute(
                    "INSERT OR IGNORE INTO baseline (product_key, name_folded) VALUES (?, ?)",
                    [product, device.deviceName.lowercased()])
            }
            try writer.execute(
                """
                INSERT INTO baseline_import (product_key, names) VALUES (?1, ?2)
                ON CONFLICT (product_key) DO UPDATE SET names = names + ?2
                """, [product, devices.count])
        }
    }

    /// Which of a product's devices the journal does not know.
    public func unknown(productKey: String, devices: [UnknownDevice]) async throws -> [UnknownDevice] {
        let known = try await watched(productKey: productKey, names: devices.map(\.deviceName))
        return zip(devices, known).filter { $1.unit == nil && !$1.isInBaseline && !$1.isListed }.map(\.0)
    }

    // MARK: - Inside the claim

    /// The IotId of the device that a settlement counted to the order under the name, and for which no board has come yet.
    static func takenOver(_ db: Database, productKey: String, name: DeviceName, order: String) throws -> String? {
        try String.fetchOne(
            db,
            sql: """
                SELECT iot_id FROM taken_over
                WHERE product_key = ? AND name_folded = ? AND work_order = ? AND unit IS NULL
                """, arguments: [productKey, name.folded, order])
    }

    /// Makes the device that was counted for a board the unit's own, by the decision of who counted it; whether it has
    /// been active since is not known.
    static func bindTakenOver(_ writer: JournalWriter, _ unit: inout BoardUnit, iotID: String) throws {
        (unit.iotID, unit.activity) = (iotID, .possible)
        try writer.execute(
            "UPDATE taken_over SET unit = ? WHERE product_key = ? AND name_folded = ?",
            [unit.id, unit.productKey, unit.deviceName.folded])
        try writer.execute(
            "UPDATE unit SET iot_id = ?, activity = ? WHERE id = ?", [iotID, unit.activity.rawValue, unit.id])
    }
}

extension JSONValue {
    fileprivate func adding(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members[key] = value
        return .object(members)
    }
}
