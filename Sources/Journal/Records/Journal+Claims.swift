import GRDB
public import Provisioning

/// What the claim decided.
public enum ClaimResult: Sendable {
    /// The board may go on, as this unit.
    case admitted(BoardUnit, RunMachine.Admission)
    /// It may not; nothing was bound.
    case refused(Failure)
}

extension Journal {
    /// Decides and binds identity → DeviceName → unit → order, counting the quota, in one transaction.
    ///
    /// Collisions are looked for over all products of the station; a MAC block overlaps when any of its addresses falls
    /// into another unit's block.
    public func claim(run: Int64, request: ClaimRule.Request, rule: ClaimRule, actor: String) async throws
        -> ClaimResult
    {
        let result = try await write { writer -> ClaimResult in
            guard var order = try Self.order(writer.db, id: request.order) else {
                throw JournalError(.notFound, "there is no order \(request.order)")
            }
            // A board whose name was taken over after a restore is counted already.
            let counted = try Self.takenOver(
                writer.db, productKey: order.productKey, name: request.deviceName, order: order.id)
            if counted != nil { order.claimed -= 1 }
            let known = try Self.known(writer.db, request, productKey: order.productKey)
            var decision = rule.decide(request, order: order, known: known)
            if let hold = try Self.productionHold(writer.db) {
                decision = .refuse(Failure(hold.code, hold.sentence))
            }
            switch decision {
            case .refuse(let failure):
                let held = failure.code == .runLimit ? known.byIdentity : nil
                try writer.append(
                    .claimRefused, actor: actor,
                    body: [
                        "unit_state": .init(held.map { _ in BoardUnit.State.held.rawValue }),
                        "shift": .init(try Self.openShift(writer.db)), "run": .int(run), "order": .string(order.id),
                        "identity": .string(request.identity.value),
                        "uid": .string(request.uid.hex), "failure_code": .string(failure.code.text),
                        "detail": .string(failure.detail),
                        "unit": .init((known.byIdentity ?? known.byUID ?? known.byMACBlock)?.id),
                    ])
                if let held { try writer.execute("UPDATE unit SET state = 'held' WHERE id = ?", [held.id]) }
                return .refused(failure)
            case .again(let admission):
                guard var unit = known.byIdentity else { throw JournalError(.conflict, "a known unit without a row") }
                unit.runs += 1
                try Self.bind(writer, run: run, unit: unit, admission: admission, first: false, actor: actor)
                try writer.execute("UPDATE unit SET runs = runs + 1, state = 'claimed' WHERE id = ?", [unit.id])
                return .admitted(unit, admission)
            case .bind:
                var unit = try Self.insert(writer, request, order: order)
                let admission = RunMachine.Admission.full(
                    .skipMatching, order.activation(ofBoard: unit.ordinal))
                if let counted { try Self.bindTakenOver(writer, &unit, iotID: counted) }
                try Self.bind(
                    writer, run: run, unit: unit, admission: admission, first: true, takenOver: counted, actor: actor)
                if counted == nil {
                    try writer.execute("UPDATE work_order SET claimed = claimed + 1 WHERE id = ?", [order.id])
                }
                return .admitted(unit, admission)
            }
        }
        if case .admitted = result { try await writeWitness() }
        return result
    }

    /// Lets a unit on hold go on; a named person decides, also about a device that is active and nobody knows why. A unit
    /// that had passed, or waited for its activation, when a person put it on hold is that again; any other may run again.
    /// - Throws: ``JournalError`` with `notFound`, or `conflict` when it is not on hold.
    public func releaseUnit(deviceName: String, reason: String, actor: String) async throws -> BoardUnit {
        try await write { writer in
            guard var unit = try Self.unit(writer.db, "name_folded = ?", [deviceName.lowercased()]) else {
                throw JournalError(
                    .notFound, "there is no unit \(deviceName); `station order show` lists them",
                    zh: "没有这块板：\(deviceName)")
            }
            guard unit.state == .held else {
                throw JournalError(
                    .conflict, "unit \(unit.deviceName) is \(unit.state.rawValue), expected held",
                    zh: "\(unit.deviceName) \(unit.state.zh)，没有待定")
            }
            let before = try Self.stateBeforeHold(writer.db, unit: unit.id)
            let state = before.flatMap { [.passed, .awaitingActivation].contains($0) ? $0 : nil } ?? .failed
            try writer.append(
                .unitReleased, actor: actor,
                body: [
                    "unit": .int(unit.id), "device_name": .string(unit.deviceName.text), "from": "held",
                    "to": .string(state.rawValue), "reason": .string(reason), "order": .string(unit.order),
                    "shift": .init(try Self.openShift(writer.db)),
                ])
            unit.state = state
            if state == .failed {
                unit.runs = 0
                try writer.execute(
                    "UPDATE unit SET state = 'failed', runs = 0, activity = max(activity, 1) WHERE id = ?", [unit.id])
            } else {
                try writer.execute("UPDATE unit SET state = ? WHERE id = ?", [state.rawValue, unit.id])
            }
            return unit
        }
    }

    /// What a unit was when a person put it on hold; nil where a run or a workflow has had it since, or no person did.
    private static func stateBeforeHold(_ db: Database, unit: Int64) throws -> BoardUnit.State? {
        let last = try Row.fetchOne(
            db,
            sql: """
                SELECT json_extract(text, '$.kind') AS kind, json_extract(text, '$.body.from') AS state FROM record
                WHERE json_extract(text, '$.body.unit') = ?
                    AND json_extract(text, '$.kind') IN (?, ?, ?, ?) ORDER BY seq DESC LIMIT 1
                """,
            arguments: [
                unit, RecordKind.unitHeld.rawValue, RecordKind.unitReleased.rawValue, RecordKind.claimBound.rawValue,
                RecordKind.workflowConcluded.rawValue,
            ])
        guard let last, last["kind"] == RecordKind.unitHeld.rawValue else { return nil }
        return BoardUnit.State(rawValue: last["state"])
    }

    /// Puts a unit on hold: a person has seen something that no step saw.
    /// - Throws: ``JournalError`` with `notFound`, or `conflict` where it runs at this moment, or no run of it may come.
    public func holdUnit(deviceName: String, reason: String, actor: String) async throws -> BoardUnit {
        try await write { writer in
            guard var unit = try Self.unit(writer.db, "name_folded = ?", [deviceName.lowercased()]) else {
                throw JournalError(
                    .notFound, "there is no unit \(deviceName); `station order show` lists them",
                    zh: "没有这块板：\(deviceName)")
            }
            guard ![.held, .scrapped, .replaced].contains(unit.state) else {
                throw JournalError(
                    .conflict, "unit \(unit.deviceName) is \(unit.state.rawValue) already",
                    zh: "\(unit.deviceName) 已经是\(unit.state.zh)")
            }
            let open = try Int64.fetchOne(
                writer.db, sql: "SELECT id FROM run WHERE unit = ? AND outcome IS NULL", arguments: [unit.id])
            if let open {
                throw JournalError(
                    .conflict, "unit \(unit.deviceName) is in run \(open): hold it when that has ended",
                    zh: "\(unit.deviceName) 正在运行：结束后再待定")
            }
            try writer.append(
                .unitHeld, actor: actor,
                body: [
                    "unit": .int(unit.id), "device_name": .string(unit.deviceName.text),
                    "from": .string(unit.state.rawValue), "to": "held", "reason": .string(reason),
                    "order": .string(unit.order), "shift": .init(try Self.openShift(writer.db)),
                ])
            try writer.execute("UPDATE unit SET state = 'held' WHERE id = ?", [unit.id])
            unit.state = .held
            return unit
        }
    }

    /// The unit of that number.
    public func unit(_ id: Int64) async throws -> BoardUnit? {
        try await read { try Self.unit($0, "id = ?", [id]) }
    }

    /// The unit of that DeviceName, case folded, over all products.
    /// - Throws: ``JournalError`` with `notFound`.
    public func unit(deviceName: String) async throws -> BoardUnit {
        try await read { db in
            guard let unit = try Self.unit(db, "name_folded = ?", [deviceName.lowercased()]) else {
                throw JournalError(
                    .notFound, "there is no unit \(deviceName); `station order show` lists them",
                    zh: "没有这块板：\(deviceName)")
            }
            return unit
        }
    }

    /// The unit that carries that identity.
    public func unit(identity: Identity) async throws -> BoardUnit? {
        try await read {
            try Self.unit($0, "kind = ? AND identity = ?", [identity.kind.rawValue, identity.value])
        }
    }

    /// Every unit of an order, by number.
    public func units(order: String) async throws -> [BoardUnit] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM unit WHERE work_order = ? ORDER BY id", arguments: [order])
                .map(Self.unit)
        }
    }

    // MARK: - Inside the transaction

    private static func known(
        _ db: Database, _ request: ClaimRule.Request, productKey: String
    ) throws -> ClaimRule.Known {
        var known = ClaimRule.Known()
        known.byIdentity = try unit(
            db, "kind = ? AND identity = ?", [request.identity.kind.rawValue, request.identity.value])
        known.byUID = try unit(db, "uid = ?", [request.uid.hex])
        if let (first, last) = block(request) {
            // Blocks do not overlap: of those that begin before this one's end, the last one reaches farthest.
            known.byMACBlock = try unit(
                db,
                """
                id = (SELECT id FROM unit WHERE mac_first <= ? AND uid <> ? ORDER BY mac_first DESC LIMIT 1)
                AND mac_last >= ?
                """, [last, request.uid.hex, first])
        }
        if let unit = known.byIdentity {
            known.wasFlashed =
                try Int64.fetchOne(
                    db,
                    sql:
                        "SELECT id FROM intent WHERE unit = ? AND effect = 'flash' AND known = 1 AND result = 'written' LIMIT 1",
                    arguments: [unit.id]) != nil
            known.openRun = try Int64.fetchOne(
                db, sql: "SELECT id FROM run WHERE unit = ? AND outcome IS NULL LIMIT 1", arguments: [unit.id])
            known.failures = try failures(db, unit: unit.id)
            known.openWorkflow = try Int64.fetchOne(
                db, sql: "SELECT id FROM workflow WHERE unit = ? AND result IS NULL LIMIT 1", arguments: [unit.id])
        }
        known.isListed =
            try Int.fetchOne(
                try db.cachedStatement(sql: "SELECT 1 FROM order_identity WHERE work_order = ? AND identity = ?"),
                arguments: [request.order, request.identity.value]) != nil
        known.byName = try unit(
            db, "product_key = ? AND name_folded = ?", [productKey, request.deviceName.folded])
        return known
    }

    /// How often the unit's runs failed in each step since a leader has decided about it last.
    private static func failures(_ db: Database, unit: Int64) throws -> [Step: Int] {
        let codes = try String.fetchAll(
            db,
            sql: """
                SELECT code FROM fact WHERE unit = ?1 AND kind = ?2 AND outcome = 'fail' AND code IS NOT NULL AND seq >
                    (SELECT coalesce(max(seq), 0) FROM fact WHERE unit = ?1 AND kind IN (?3, ?4))
                """,
            arguments: [
                unit, Fact.Kind.run.rawValue, Fact.Kind.released.rawValue, Fact.Kind.workflow.rawValue,
            ])
        return codes.reduce(into: [:]) { counts, code in
            if let step = FailureCode(known: code)?.step { counts[step, default: 0] += 1 }
        }
    }

    private static func block(_ request: ClaimRule.Request) -> (first: Int64, last: Int64)? {
        request.mac.map { (Int64($0.number), Int64($0.number) + Int64(request.macBlock) - 1) }
    }

    private static func insert(_ writer: JournalWriter, _ request: ClaimRule.Request, order: WorkOrder) throws
        -> BoardUnit
    {
        let block = block(request)
        // The order's last unit; the plus keeps SQLite from sorting all of them by an index.
        let last = try Int.fetchOne(
            try writer.db.cachedStatement(
                sql: "SELECT ordinal FROM unit WHERE +work_order = ? ORDER BY id DESC LIMIT 1"), arguments: [order.id])
        let ordinal = (last ?? 0) + 1
        try writer.execute(
            """
            INSERT INTO unit (work_order, product_key, kind, identity, uid, uid_source, mac_first, mac_last, device_name,
                name_folded, ordinal, state, runs, iccid, tag)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'claimed', 1, ?, ?)
            """,
            [
                order.id, order.productKey, request.identity.kind.rawValue, request.identity.value, request.uid.hex,
                request.uid.source.rawValue, block?.first, block?.last, request.deviceName.text,
                request.deviceName.folded, ordinal, request.iccid, request.newTag,
            ])
        return BoardUnit(
            id: writer.db.lastInsertedRowID, order: order.id, ordinal: ordinal, productKey: order.productKey,
            identity: request.identity, uid: request.uid, deviceName: request.deviceName, state: .claimed, runs: 1,
            iccid: request.iccid, tag: request.newTag)
    }

    private static func bind(
        _ writer: JournalWriter, run: Int64, unit: BoardUnit, admission: RunMachine.Admission, first: Bool,
        takenOver: String? = nil, actor: String
    ) throws {
        let mode =
            switch admission.flash {
            case .skipMatching?: "full"
            case .writeAll?: "full-write-all"
            case nil: "finish"
            }
        let replaces = try Int64.fetchOne(
            try writer.db.cachedStatement(
                sql: """
                    SELECT id FROM unit INDEXED BY unit_replaced
                    WHERE replaced_by = ? AND product_key = ? ORDER BY id DESC LIMIT 1
                    """), arguments: [unit.identity.value, unit.productKey])
        let begun = try Row.fetchOne(
            try writer.db.cachedStatement(sql: "SELECT started, shift FROM run WHERE id = ?"), arguments: [run])
        try writer.append(
            .claimBound, actor: actor,
            body: [
                "started": .init(begun?["started"] as String?), "shift": .init(begun?["shift"] as String?),
                "run": .int(run), "unit": .int(unit.id), "order": .string(unit.order),
                "product_key": .string(unit.productKey), "identity_kind": .string(unit.identity.kind.rawValue),
                "identity": .string(unit.identity.value), "uid": .string(unit.uid.hex),
                "uid_source": .string(unit.uid.source.rawValue), "device_name": .string(unit.deviceName.text),
                "first": .bool(first), "taken_over": .bool(takenOver != nil),
                "iot_id": .init(takenOver), "mode": .string(mode), "runs": .init(unit.runs),
                "ordinal": .init(unit.ordinal),
                "activation": .string(admission.activation.rawValue), "reset": .bool(admission.resets),
                "replaces": .init(replaces), "iccid": .init(unit.iccid), "tag": .init(unit.tag),
            ])
        try writer.execute(
            "UPDATE run SET unit = ?, mode = ?, activation = ?, is_first = ? WHERE id = ?",
            [unit.id, mode, admission.activation.rawValue, first, run])
    }

    // MARK: - Rows

    static func unit(_ db: Database, _ condition: String, _ arguments: StatementArguments) throws -> BoardUnit? {
        try Row.fetchOne(
            try db.cachedStatement(sql: "SELECT * FROM unit WHERE \(condition) LIMIT 1"), arguments: arguments
        ).map(unit)
    }

    static func unit(_ row: Row) throws -> BoardUnit {
        guard let kind = Identity.Kind(rawValue: row["kind"]), let state = BoardUnit.State(rawValue: row["state"]),
            let source = HardwareUID.Source(rawValue: row["uid_source"])
        else { throw JournalError(.broken, "unit \(row["id"] as Int64) has an unknown kind, state or UID source") }
        return BoardUnit(
            id: row["id"], order: row["work_order"], ordinal: row["ordinal"], productKey: row["product_key"],
            identity: try Identity(kind: kind, value: row["identity"]),
            uid: HardwareUID(hex: row["uid"], source: source), deviceName: try DeviceName(row["device_name"]),
            state: state, runs: row["runs"], iotID: row["iot_id"], flashUnknown: row["flash_unknown"],
            registrationUnknown: row["registration_unknown"],
            pending: (row["pending"] as String?).flatMap { PendingWork(rawValue: $0) }, clientID: row["client_id"],
            unsettledBoots: row["unsettled_boots"],
            activity: BoardUnit.Activity(rawValue: row["activity"]) ?? .possible, wasReset: row["was_reset"],
            iccid: row["iccid"], tag: row["tag"])
    }
}
