import GRDB
import Provisioning

extension Journal {
    /// Concludes every run that a crash or power loss left open as *interrupted*.
    ///
    /// Its unit stays claimed and unsettled: what the open intents had begun counts as unknown until the next run has
    /// asked the cloud and read the board. An interrupted run does not count against the unit's run limit.
    /// - Returns: the numbers of the runs concluded.
    @discardableResult
    public func concludeInterrupted(actor: String) async throws -> [Int64] {
        let open = try await write { writer in
            let rows = try Row.fetchAll(writer.db, sql: "\(Self.openRun) WHERE run.outcome IS NULL")
            let shift = try Self.openShift(writer.db)
            for row in rows {
                let (run, unit): (Int64, Int64?) = (row["id"], row["unit"])
                let effects = try String.fetchAll(
                    writer.db, sql: "SELECT effect FROM intent WHERE run = ? AND result IS NULL", arguments: [run])
                let failure = Failure(
                    .interrupted,
                    effects.isEmpty ? "no effect was under way" : "under way: " + effects.joined(separator: ", "))
                let body = Self.conclusion(
                    row, shift: shift, state: nil, outcome: .interrupted, failure: failure, steps: [],
                    [
                        "evidence": nil, "details": ["open_effects": .array(effects.map(JSONValue.string))],
                        "finished_work": nil,
                    ])
                try writer.append(.runConcluded, actor: actor, body: body)
                try writer.execute(
                    "UPDATE run SET outcome = 'interrupted', failure_code = ?, conclusion = ? WHERE id = ?",
                    [failure.code.text, body.text, run])
                try writer.execute("UPDATE intent SET result = 'interrupted' WHERE run = ? AND result IS NULL", [run])
                if let unit { try writer.execute("UPDATE unit SET runs = max(0, runs - 1) WHERE id = ?", [unit]) }
            }
            try Self.concludeInterruptedWorkflows(writer, actor: actor)
            return rows.map { $0["id"] as Int64 }
        }
        if !open.isEmpty { try await writeHead() }
        return open
    }

    /// A workflow that was cut off is over; whoever asks for it again looks at the cloud before anything is repeated.
    private static func concludeInterruptedWorkflows(_ writer: JournalWriter, actor: String) throws {
        let open = try Row.fetchAll(writer.db, sql: "SELECT id, unit, kind FROM workflow WHERE result IS NULL")
        for row in open {
            let id: Int64 = row["id"]
            let effects = try String.fetchAll(
                writer.db, sql: "SELECT effect FROM intent WHERE workflow = ? AND result IS NULL", arguments: [id])
            try writer.append(
                .workflowConcluded, actor: actor,
                body: [
                    "workflow": .int(id), "unit": .int(row["unit"]), "kind": .string(row["kind"]),
                    "result": "interrupted", "details": ["open_effects": .array(effects.map(JSONValue.string))],
                ])
            try writer.execute("UPDATE workflow SET result = 'interrupted' WHERE id = ?", [id])
            try writer.execute("UPDATE intent SET result = 'interrupted' WHERE workflow = ? AND result IS NULL", [id])
        }
    }
}
