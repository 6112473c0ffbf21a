import GRDB
public import Provisioning

extension Journal {
    /// Opens a run on a slot, in the shift that is open.
    /// - Parameter operator: who works at the line; nil = nobody is signed in.
    /// - Returns: the run's number.
    public func startRun(
        slot: String, order: String?, operator: String? = nil, actor: String
    ) async throws -> Int64 {
        try await write { writer in
            let shift = try Self.openShift(writer.db)
            try writer.execute(
                "INSERT INTO run (slot, work_order, started, operator, shift) VALUES (?, ?, ?, ?, ?)",
                [slot, order, Timestamp.text(writer.now), `operator`, shift])
            let id = writer.db.lastInsertedRowID
            try writer.append(
                .runStarted, actor: actor,
                body: [
                    "run": .int(id), "slot": .string(slot), "order": .init(order), "operator": .init(`operator`),
                    "shift": .init(shift),
                ])
            return id
        }
    }

    /// Records what was read from the board; `phase` says when (`identify`, `before-erase`, `after-verify`).
    public func recordIdentity(
        run: Int64, phase: String, identity: Identity, uid: HardwareUID, details: JSONValue, actor: String
    ) async throws {
        try await write { writer in
            try writer.append(
                .identityRead, actor: actor,
                body: [
                    "run": .int(run), "phase": .string(phase), "identity_kind": .string(identity.kind.rawValue),
                    "identity": .string(identity.value), "uid": .string(uid.hex),
                    "uid_source": .string(uid.source.rawValue), "details": details,
                ])
            try writer.execute("UPDATE run SET identity = ? WHERE id = ?", [identity.value, run])
        }
    }

    /// Whose an intent is.
    public enum IntentOwner: Hashable, Sendable {
        case run(Int64)
        case workflow(Int64)
    }

    /// Puts the intent of an outside effect on disk, before the effect. Until it is finished as known, the unit counts
    /// as unknown in what the effect changes.
    /// - Returns: the intent's number.
    public func beginIntent(
        _ owner: IntentOwner, unit: Int64, effect: Effect, key: String, details: JSONValue = nil, actor: String
    ) async throws -> Int64 {
        let (run, workflow): (Int64?, Int64?) =
            switch owner {
            case .run(let number): (number, nil)
            case .workflow(let number): (nil, number)
            }
        return try await write { writer in
            try writer.execute(
                "INSERT INTO intent (run, workflow, unit, effect, key, details) VALUES (?, ?, ?, ?, ?, ?)",
                [run, workflow, unit, effect.rawValue, key, details.text])
            let id = writer.db.lastInsertedRowID
            try writer.append(
                .intentBegun, actor: actor,
                body: [
                    "intent": .int(id), "run": .init(run), "workflow": .init(workflow), "unit": .int(unit),
                    "effect": .string(effect.rawValue), "key": .string(key), "details": details,
                ])
            try Self.markBegun(writer, unit: unit, effect: effect, details: details)
            return id
        }
    }

    /// Records what came of an intent.
    /// - Parameters:
    ///   - isKnown: whether the effect's result is certain; a lost answer is not.
    ///   - iotID: the cloud's id, when a registration told it.
    public func finishIntent(
        _ id: Int64, unit: Int64, effect: Effect, isKnown: Bool, result: String, iotID: String? = nil,
        details: JSONValue = nil, actor: String
    ) async throws {
        try await write { writer in
            try writer.append(
                .intentFinished, actor: actor,
                body: [
                    "intent": .int(id), "unit": .int(unit), "effect": .string(effect.rawValue),
                    "known": .bool(isKnown), "result": .string(result), "iot_id": .init(iotID), "details": details,
                ])
            try writer.execute("UPDATE intent SET result = ?, known = ? WHERE id = ?", [result, isKnown, id])
            if isKnown { try Self.markKnown(writer, unit: unit, effect: effect) }
            if let iotID { try writer.execute("UPDATE unit SET iot_id = ? WHERE id = ?", [iotID, unit]) }
        }
    }

    /// Records the one ClientID that a unit without pre-registration keeps, and what was found beside it.
    public func keepClientID(
        _ clientID: String, run: Int64, unit: Int64, iotID: String, found: [String], actor: String
    ) async throws {
        try await write { writer in
            try writer.append(
                .clientIDKept, actor: actor,
                body: [
                    "run": .int(run), "unit": .int(unit), "iot_id": .string(iotID), "client_id": .string(clientID),
                    "found": .array(found.map(JSONValue.string)),
                ])
            try writer.execute(
                "UPDATE unit SET client_id = ?, unsettled_boots = 0, iot_id = ? WHERE id = ?", [clientID, iotID, unit])
        }
    }

    /// Records a reading of the cloud's record made in a run.
    /// - Parameters:
    ///   - phase: `register`, `before`, `after`, `not-activated` or `last`.
    ///   - isActive: whether it shows the device active; nil = it does not say.
    public func recordReading(
        run: Int64, unit: Int64, phase: String, isActive: Bool?, reading: JSONValue, details: JSONValue = nil,
        actor: String
    ) async throws {
        try await write { writer in
            try writer.append(
                .cloudRead, actor: actor,
                body: [
                    "run": .int(run), "unit": .int(unit), "phase": .string(phase), "reading": reading,
                    "details": details,
                ])
            // A board that is running may become active after a reading that shows it inactive: only a reading while it
            // cannot connect settles that it is not.
            switch (isActive, phase) {
            // Active before any board of the unit was switched on: that explains nothing.
            case (true?, _): try writer.execute("UPDATE unit SET activity = 2 WHERE id = ? AND activity > 0", [unit])
            case (false?, "before"), (false?, "last"):
                try writer.execute("UPDATE unit SET activity = 0 WHERE id = ?", [unit])
            default: break
            }
            // Without pre-registration the board's own registration made the device.
            if phase == "after", isActive == true, let iotID = reading["iot_id"].string {
                try writer.execute("UPDATE unit SET iot_id = ? WHERE id = ? AND iot_id IS NULL", [iotID, unit])
            }
        }
    }

    /// The details of the first intent of that effect for a unit; null when there is none.
    public func firstIntent(unit: Int64, effect: Effect) async throws -> JSONValue {
        try await read { db in
            let text = try String.fetchOne(
                db, sql: "SELECT details FROM intent WHERE unit = ? AND effect = ? ORDER BY id LIMIT 1",
                arguments: [unit, effect.rawValue])
            return try text.map { try JSONValue(parsing: $0) } ?? .null
        }
    }

    /// The details of the first intent of that effect for a unit whose result is not known; null when all are.
    public func unresolvedIntent(unit: Int64, effect: Effect) async throws -> JSONValue {
        try await read { db in
            let text = try String.fetchOne(
                db, sql: "SELECT details FROM intent WHERE unit = ? AND effect = ? AND known = 0 ORDER BY id LIMIT 1",
                arguments: [unit, effect.rawValue])
            return try text.map { try JSONValue(parsing: $0) } ?? .null
        }
    }

    /// Writes the outcome, once, settles the unit's state, and moves the head file.
    /// - Throws: ``JournalError`` with `conflict` when the run already has an outcome.
    /// - Parameter finishedWork: what a leader had ordered for the unit and this run has done, on board and in the cloud;
    ///   on record in any case, and over with a pass.
    public func conclude(
        run: Int64, conclusion: RunMachine.Conclusion, isFlashed: Bool, finishedWork: PendingWork? = nil,
        steps: [StepRecord], evidence: JSONValue, details: JSONValue, actor: String
    ) async throws {
        try await write { writer in
            guard
                let row = try Row.fetchOne(writer.db, sql: "\(Self.openRun) WHERE run.id = ?", arguments: [run])
            else { throw JournalError(.notFound, "there is no run \(run)") }
            guard conclusion.outcome != .pass || evidence != .null else {
                throw JournalError(.conflict, "run \(run): a pass without the cloud's evidence is not written")
            }
            if let outcome: String = row["outcome"] {
                throw JournalError(.conflict, "run \(run) was already concluded as \(outcome)")
            }
            let unit: Int64? = row["unit"]
            let state = try unit.flatMap {
                try Self.stateAfter(writer.db, unit: $0, conclusion: conclusion, isFlashed: isFlashed)
            }
            let body = Self.conclusion(
                row, shift: try Self.openShift(writer.db), state: state, outcome: conclusion.outcome,
                failure: conclusion.failure, steps: .array(steps.map(\.json)),
                [
                    "evidence": evidence, "details": details, "finished_work": .init(finishedWork?.rawValue),
                ])
            try writer.append(.runConcluded, actor: actor, body: body)
            try writer.execute(
                "UPDATE run SET outcome = ?, failure_code = ?, conclusion = ? WHERE id = ?",
                [conclusion.outcome.rawValue, conclusion.failure?.code.text, body.text, run])
            // Ordered work is over when it is proved; a run that ends before does it again.
            if let unit, conclusion.outcome == .pass {
                try writer.execute("UPDATE unit SET was_reset = 0, pending = NULL WHERE id = ?", [unit])
            }
            let pending: String? = try String.fetchOne(
                writer.db, sql: "SELECT pending FROM unit WHERE id = ?", arguments: [unit])
            if let unit, let state {
                try writer.execute("UPDATE unit SET state = ? WHERE id = ?", [state.rawValue, unit])
                if Self.isOutsideCause(conclusion) {
                    try writer.execute("UPDATE unit SET runs = max(0, runs - 1) WHERE id = ?", [unit])
                }
            }
            // A re-flash or reset of a board that was a sample once says nothing about today's boards.
            if let unit, conclusion.outcome == .fail, pending == nil {
                try Self.judgeSample(writer, run: run, unit: unit, code: conclusion.failure?.code, actor: actor)
            }
        }
        try await writeHead()
    }

    /// What a run's conclusion needs to know of it.
    static let openRun = """
        SELECT run.id, run.outcome, run.unit, run.slot, run.work_order, run.identity, run.started, run.shift, run.operator,
            run.mode, run.activation, run.is_first, work_order.release
        FROM run LEFT JOIN work_order ON work_order.id = run.work_order
        """

    /// The body of `run.concluded`, which says all that figures need of the run.
    static func conclusion(
        _ row: Row, shift: String?, state: BoardUnit.State?, outcome: Outcome, failure: Failure?, steps: JSONValue,
        _ more: [String: JSONValue]
    ) -> JSONValue {
        let common: [String: JSONValue] = [
            "run": .int(row["id"]), "slot": .init(row["slot"] as String?),
            "order": .init(row["work_order"] as String?), "unit": .init(row["unit"] as Int64?),
            "identity": .init(row["identity"] as String?), "started": .init(row["started"] as String?),
            "shift": .init(row["shift"] as String?), "shift_concluded": .init(shift),
            "operator": .init(row["operator"] as String?), "release": .init(row["release"] as String?),
            "mode": .init(row["mode"] as String?), "activation": .init(row["activation"] as String?),
            "first": .bool(row["is_first"]), "unit_state": .init(state?.rawValue),
            "outcome": .string(outcome.rawValue), "failure_code": .init(failure?.code.text),
            "failure_detail": .init(failure?.detail), "steps": steps,
        ]
        return .object(common.merging(more) { _, later in later })
    }

    /// The unit's state after a run: what a person has made of it meanwhile stays.
    private static func stateAfter(
        _ db: Database, unit: Int64, conclusion: RunMachine.Conclusion, isFlashed: Bool
    ) throws -> BoardUnit.State? {
        guard let state = unitState(after: conclusion, isFlashed: isFlashed),
            try Bool.fetchOne(db, sql: "SELECT state = 'claimed' FROM unit WHERE id = ?", arguments: [unit]) == true
        else { return nil }
        return try state == .done && isUnderFailedSample(db, unit: unit) ? .held : state
    }

    /// Every run of an order (all runs when nil), by number.
    public func runs(order: String? = nil) async throws -> [RunRecord] {
        try await read { db in
            let filter = order == nil ? "" : "WHERE run.work_order = ?"
            let rows = try Row.fetchAll(
                db,
                sql:
                    "SELECT run.*, unit.device_name FROM run LEFT JOIN unit ON unit.id = run.unit \(filter) ORDER BY run.id",
                arguments: order.map { [$0] } ?? [])
            return try rows.map(Self.run)
        }
    }

    // MARK: - Derived state

    private static func markBegun(
        _ writer: JournalWriter, unit: Int64, effect: Effect, details: JSONValue
    ) throws {
        switch effect {
        case .register: try writer.execute("UPDATE unit SET registration_unknown = 1 WHERE id = ?", [unit])
        case .flash: try writer.execute("UPDATE unit SET flash_unknown = 1 WHERE id = ?", [unit])
        // A board without a network neither connects nor registers by itself.
        case .boot where details["network"].bool == false: break
        case .boot:
            try writer.execute(
                """
                UPDATE unit SET activity = max(activity, 1), unsettled_boots = unsettled_boots + 1 WHERE id = ?
                """, [unit])
        case .connect: try writer.execute("UPDATE unit SET activity = max(activity, 1) WHERE id = ?", [unit])
        case .issue: try writer.execute("UPDATE unit SET unsettled_boots = unsettled_boots + 1 WHERE id = ?", [unit])
        case .reset, .handOver, .keepClientID, .clearClientIDs, .delete, .disable, .enable: break
        }
    }

    private static func markKnown(_ writer: JournalWriter, unit: Int64, effect: Effect) throws {
        switch effect {
        case .register: try writer.execute("UPDATE unit SET registration_unknown = 0 WHERE id = ?", [unit])
        case .flash: try writer.execute("UPDATE unit SET flash_unknown = 0 WHERE id = ?", [unit])
        case .reset: try writer.execute("UPDATE unit SET was_reset = 1 WHERE id = ?", [unit])
        case .clearClientIDs:
            try writer.execute("UPDATE unit SET client_id = NULL, unsettled_boots = 0 WHERE id = ?", [unit])
        case .boot, .issue, .handOver, .connect, .keepClientID, .delete, .disable, .enable: break
        }
    }

    /// The unit's state after a run; nil leaves it as it is.
    static func unitState(after conclusion: RunMachine.Conclusion, isFlashed: Bool) -> BoardUnit.State? {
        switch conclusion.outcome {
        case .pass: .passed
        case .done: .done
        case .fail: .failed
        case .interrupted: nil
        case .aborted: isFlashed ? .awaitingActivation : .failed
        case .held:
            // A cause outside the board leaves the unit free to go on; anything else waits for a person. What may have
            // been flashed with a wrong credential is flashed again.
            switch conclusion.failure?.code {
            case .registerCloud, .activateCloud, .switchOff, .orderHeld, .accessPoint:
                isFlashed ? .awaitingActivation : .failed
            case let code? where outsideCauses.contains(code): .failed
            default: .held
            }
        }
    }

    /// Whether a run ended for a cause outside its board, so that it does not count against the unit's run limit.
    private static func isOutsideCause(_ conclusion: RunMachine.Conclusion) -> Bool {
        switch conclusion.outcome {
        case .aborted: true
        case .held: conclusion.failure.map { outsideCauses.contains($0.code) } ?? false
        case .pass, .done, .fail, .interrupted: false
        }
    }

    private static let outsideCauses: Set<FailureCode> = [
        .registerCloud, .activateCloud, .switchOff, .cannotTell, .orderHeld, .productSecretWrong, .accessRefused,
        .productUnknown, .productUnfit, .resetRefused,
        .cloudQuota, .releaseChanged, .credentialMissing, .planRefused, .powerControl, .portRefused, .identityChanged,
        .accessPoint, .twoBoards, .boardMoved, .portRenamed, .internalError,
    ]
}
