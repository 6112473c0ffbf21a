import GRDB
public import Provisioning

/// A workflow of a leader on one unit, as the journal keeps it open.
public struct WorkflowTicket: Hashable, Sendable {
    public let id: Int64
    public let unit: Int64
    /// `reset`, `reflash`, `scrap`, `replace`, `disable`, `enable`, `keep-client-id`, `clear-client-ids`.
    public let kind: String
}

/// What a workflow has changed about its unit.
public struct WorkflowOutcome: Sendable {
    /// nil leaves the state as it is.
    public var state: BoardUnit.State?
    /// Work that waits for the board; nil leaves it as it is.
    public var pending: PendingWork?
    /// Whether the unit's place in its order's quota is given back.
    public var returnsQuota = false
    /// The identity of the board that takes its place.
    public var replacedBy: String?

    public init(
        state: BoardUnit.State? = nil, pending: PendingWork? = nil, returnsQuota: Bool = false,
        replacedBy: String? = nil
    ) {
        (self.state, self.pending, self.returnsQuota) = (state, pending, returnsQuota)
        self.replacedBy = replacedBy
    }
}

extension Journal {
    /// Opens a workflow on a unit: who, why, and what the journal and the cloud said before.
    /// - Parameters:
    ///   - second: the second person, where two are needed.
    ///   - before: the cloud's reading.
    /// - Throws: ``JournalError`` with `conflict` while a run or another workflow of the unit is open.
    public func beginWorkflow(
        _ kind: String, unit: BoardUnit, reason: String, second: String?, before: JSONValue, actor: String
    ) async throws -> WorkflowTicket {
        try await write { writer in
            guard let now = try Self.unit(writer.db, "id = ?", [unit.id]), now == unit else {
                throw JournalError(.conflict, "unit \(unit.deviceName) has changed meanwhile; look again")
            }
            let run = try Int64.fetchOne(
                writer.db, sql: "SELECT id FROM run WHERE unit = ? AND outcome IS NULL LIMIT 1", arguments: [unit.id])
            if let run {
                throw JournalError(.conflict, "unit \(unit.deviceName) is in run \(run) on a slot; wait for its end")
            }
            let open = try Row.fetchOne(
                writer.db, sql: "SELECT id, kind FROM workflow WHERE unit = ? AND result IS NULL LIMIT 1",
                arguments: [unit.id])
            if let open {
                throw JournalError(
                    .conflict,
                    "workflow \(open["id"] as Int64) (\(open["kind"] as String)) of \(unit.deviceName) is under way")
            }
            try writer.execute("INSERT INTO workflow (unit, kind) VALUES (?, ?)", [unit.id, kind])
            let id = writer.db.lastInsertedRowID
            try writer.append(
                .workflowBegun, actor: actor,
                body: [
                    "workflow": .int(id), "kind": .string(kind), "unit": .int(unit.id), "order": .string(unit.order),
                    "device_name": .string(unit.deviceName.text), "reason": .string(reason), "second": .init(second),
                    "state": .string(unit.state.rawValue), "cloud": before,
                ])
            return WorkflowTicket(id: id, unit: unit.id, kind: kind)
        }
    }

    /// Ends a workflow and changes its unit, in one transaction.
    /// - Parameters:
    ///   - result: `done`, or what went wrong; then nothing about the unit changes.
    ///   - after: the cloud's reading.
    /// - Returns: the unit as it is now.
    @discardableResult
    public func concludeWorkflow(
        _ ticket: WorkflowTicket, result: String, outcome: WorkflowOutcome = WorkflowOutcome(),
        after: JSONValue = nil, actor: String
    ) async throws -> BoardUnit? {
        try await write { writer in
            let unit = try Self.unit(writer.db, "id = ?", [ticket.unit])
            // Who orders work for a unit on hold has decided about the hold.
            let state = outcome.state ?? (outcome.pending != nil && unit?.state == .held ? .failed : unit?.state)
            try writer.append(
                .workflowConcluded, actor: actor,
                body: [
                    "workflow": .int(ticket.id), "kind": .string(ticket.kind), "unit": .int(ticket.unit),
                    "result": .string(result), "state": .init(state?.rawValue),
                    "pending": .init(outcome.pending?.rawValue), "quota_returned": .bool(outcome.returnsQuota),
                    "replaced_by": .init(outcome.replacedBy), "cloud": after, "order": .init(unit?.order),
                    "shift": .init(try Self.openShift(writer.db)),
                ])
            try writer.execute("UPDATE workflow SET result = ? WHERE id = ?", [result, ticket.id])
            if let state = outcome.state {
                try writer.execute(
                    "UPDATE unit SET state = ?, pending = NULL WHERE id = ?", [state.rawValue, ticket.unit])
            }
            if let pending = outcome.pending {
                try writer.execute(
                    "UPDATE unit SET pending = ?, runs = 0, activity = max(activity, 1), state = ? WHERE id = ?",
                    [pending.rawValue, state?.rawValue, ticket.unit])
            }
            if let identity = outcome.replacedBy {
                try writer.execute("UPDATE unit SET replaced_by = ? WHERE id = ?", [identity, ticket.unit])
            }
            if outcome.returnsQuota, let unit {
                try writer.execute(
                    "UPDATE work_order SET claimed = max(0, claimed - 1) WHERE id = ?", [unit.order])
            }
            return try Self.unit(writer.db, "id = ?", [ticket.unit])
        }
    }

    /// The identity of the board that takes the unit's place; nil where none does.
    public func replacement(of unit: Int64) async throws -> String? {
        try await read {
            try String.fetchOne($0, sql: "SELECT replaced_by FROM unit WHERE id = ?", arguments: [unit])
        }
    }

    /// Records the one ClientID that a leader has kept for a unit.
    public func settleClientID(_ clientID: String, unit: Int64, workflow: Int64, actor: String) async throws {
        try await write { writer in
            try writer.append(
                .clientIDKept, actor: actor,
                body: ["workflow": .int(workflow), "unit": .int(unit), "client_id": .string(clientID)])
            try writer.execute("UPDATE unit SET client_id = ?, unsettled_boots = 0 WHERE id = ?", [clientID, unit])
        }
    }
}
