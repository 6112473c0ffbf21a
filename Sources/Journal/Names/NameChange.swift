import GRDB
import Provisioning

/// What one record changes in the table of names.
struct NameChange {
    let db: Database
    let seq: Int64
    let body: JSONValue

    func apply(_ kind: RecordKind) throws {
        switch kind {
        case .batchListed: try list()
        case .batchConcluded: try created()
        case .baselineImported: try baseline()
        case .nameDropped: try drop()
        case .claimBound: try claim()
        case .claimRefused: try refused()
        case .intentBegun: try begun()
        case .intentFinished: try finished()
        case .cloudRead: try read()
        case .clientIDKept:
            try set(
                "client_id = ?, loose_boots = 0, iot_id = coalesce(?, iot_id)",
                [body["client_id"].string, body["iot_id"].string])
        case .runConcluded: try concluded()
        case .workflowConcluded: try workflow()
        case .unitHeld: try set("state = ?", [body["to"].string])
        case .unitReleased: try set("state = ?, clash = NULL, decided = 1", [body["to"].string])
        case .sampleFailed:
            for unit in body["held"].array ?? [] { try set("state = 'held'", [], unit: unit.int) }
        default: break
        }
    }

    // MARK: - Names without a board

    private func list() throws {
        for name in (body["names"].array ?? []).compactMap(\.string) {
            // What the batch came to decides whether the name counts as created.
            try upsert(name, body["product_key"].string, "list_order", [body["order"].string])
        }
    }

    private func created() throws {
        let order = body["order"].string
        let product = try String.fetchOne(
            db, sql: "SELECT product_key FROM work_order WHERE id = ?", arguments: [order])
        for entry in body["names"].array ?? [] where entry["outcome"].string == "created" {
            guard let name = entry["name"].string, let product else { continue }
            try execute(
                """
                UPDATE known_name SET listed = 1, iot_id = coalesce(iot_id, ?), changed = ?
                WHERE product_key = ? AND name_folded = ?
                """, [entry["iot_id"].string, seq, product, name.lowercased()])
        }
    }

    /// A listed name that is in the cloud no more.
    private func drop() throws {
        guard let name = body["device_name"].string else { return }
        try execute(
            """
            UPDATE known_name SET listed = 0, iot_id = NULL, changed = ?
            WHERE product_key = ? AND name_folded = ? AND unit IS NULL
            """, [seq, body["product_key"].string, name.lowercased()])
    }

    private func baseline() throws {
        guard let product = body["product_key"].string else { return }
        let takesMore = body["adds"].bool == true
        if !takesMore {
            try execute("UPDATE known_name SET baseline = 0, changed = ? WHERE product_key = ?", [seq, product])
        }
        for name in (body["names"].array ?? []).compactMap(\.string) {
            try upsert(name, product, "baseline", [true])
        }
    }

    // MARK: - Units

    private func claim() throws {
        guard body["first"].bool == true, let name = body["device_name"].string else {
            return try set("state = 'claimed'", [])
        }
        try upsert(
            name, body["product_key"].string, "unit, work_order, identity, state",
            [body["unit"].int, body["order"].string, body["identity"].string, BoardUnit.State.claimed.rawValue])
        // A device that was counted for it after a restore.
        if let iotID = body["iot_id"].string { try set("iot_id = ?", [iotID]) }
    }

    private func refused() throws {
        if let state = body["unit_state"].string { try set("state = ?", [state]) }
        let clash: JournalName.Clash? =
            switch body["failure_code"].string.flatMap(FailureCode.init(known:)) {
            case .duplicateIdentity: .name
            case .duplicateUID, .overlappingMAC: .board
            default: nil
            }
        // Of two open questions the one that is asked first stays.
        if let clash { try set("clash = coalesce(clash, ?), decided = 0", [clash.rawValue]) }
    }

    private func begun() throws {
        switch body["effect"].string.flatMap(Effect.init) {
        case .flash: try set("flashed = 1", [])
        case .reset: try set("was_reset = 1", [])
        case .boot where body["details"]["network"].bool == false: break
        case .boot, .issue: try set("loose_boots = loose_boots + 1", [])
        default: break
        }
    }

    private func finished() throws {
        if let iotID = body["iot_id"].string { try set("iot_id = ?", [iotID]) }
        guard body["known"].bool == true else { return }
        switch body["effect"].string.flatMap(Effect.init) {
        case .clearClientIDs: try set("client_id = NULL, loose_boots = 0", [])
        case .delete where body["unit"] == .null: try drop()
        default: break
        }
    }

    private func read() throws {
        let date = body["details"]["cloud_date"].string ?? body["reading"]["cloud_date"].string
        if let looked = date.flatMap(UTCTime.httpDate) {
            try set("looked_at = coalesce(looked_at, ?)", [looked])
        }
        // Without pre-registration the board's own registration made the device.
        if body["phase"].string == "after", let iotID = body["reading"]["iot_id"].string {
            try set("iot_id = coalesce(iot_id, ?)", [iotID])
        }
    }

    private func concluded() throws {
        if let state = body["unit_state"].string { try set("state = ?", [state]) }
        if body["details"]["reset"]["secret_changed"].bool == false { try set("kept_secret = 1", []) }
        let evidence = body["evidence"]
        guard body["outcome"].string == Outcome.pass.rawValue, evidence != .null else { return }
        try set(
            "activated_at = ?, secret_digest = ?, was_reset = 0",
            [evidence["activated_at"].string.flatMap(UTCTime.milliseconds), evidence["secret_digest"].string])
    }

    private func workflow() throws {
        guard body["result"].string == "done", let state = body["state"].string else { return }
        // Who orders work for a unit on hold has decided about the hold.
        let isOver = body["pending"] != .null && state == BoardUnit.State.held.rawValue
        try set("state = ?", [isOver ? BoardUnit.State.failed.rawValue : state])
        if ["scrap", "replace"].contains(body["kind"].string) { try set("clash = NULL, decided = 1", []) }
    }

    // MARK: - Writing

    private func set(_ assignments: String, _ values: [(any DatabaseValueConvertible)?], unit: Int64? = nil) throws {
        guard let unit = unit ?? body["unit"].int else { return }
        try execute("UPDATE known_name SET \(assignments), changed = ? WHERE unit = ?", values + [seq, unit])
    }

    private func upsert(
        _ name: String, _ product: String?, _ columns: String, _ values: [(any DatabaseValueConvertible)?]
    ) throws {
        guard let product else { return }
        let marks = String(repeating: ", ?", count: values.count)
        let news = columns.split(separator: ", ").map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        try execute(
            """
            INSERT INTO known_name (product_key, name_folded, device_name, changed, \(columns))
            VALUES (?, ?, ?, ?\(marks)) ON CONFLICT DO UPDATE SET changed = excluded.changed, \(news)
            """, [product, name.lowercased(), name, seq] + values)
    }

    private func execute(_ sql: String, _ values: [(any DatabaseValueConvertible)?]) throws {
        try db.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
    }
}
