import Foundation
import Journal
import Provisioning
import Simulation

/// What came of a demo: computed from the journal's runs, judged by the faults that were injected.
struct DemoReport: Sendable {
    let orders: [String]
    let runs: [RunRecord]
    let passages: [DemoFloor.Passage]
    let boards: [DemoBoard]
    let activation: ActivationMode
    let faults: [DemoFault]
    let duration: Duration
    let tally: Tally
    private let board: [Int64: DemoBoard]

    /// What journal and cloud hold in the end.
    struct Tally: Sendable {
        let units: [BoardUnit]
        /// Claims by which a board became a unit.
        let firstClaims: Int
        let devices: [ListedDevice]
        let isChainWhole: Bool
        /// Boards that were swapped in and in whose flash something stands.
        let writtenIntruders: Int
    }

    init(
        orders: [String], runs: [RunRecord], passages: [DemoFloor.Passage], boards: [DemoBoard],
        activation: ActivationMode, faults: [DemoFault], duration: Duration, tally: Tally
    ) {
        (self.orders, self.runs, self.passages, self.boards) = (orders, runs, passages, boards)
        (self.activation, self.faults, self.duration, self.tally) = (activation, faults, duration, tally)
        board = Dictionary(passages.map { ($0.run, $0.board) }, uniquingKeysWith: { $1 })
    }

    /// The fault that a run met: its board's own, else one that troubled the cloud.
    private func fault(of run: RunRecord) -> DemoFault? {
        board[run.id]?.fault ?? faults.first { !$0.hitsOneBoard }
    }

    /// The last run of each board that had one, in the order of the boards.
    var last: [(board: DemoBoard, run: RunRecord)] {
        let runs = Dictionary(runs.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let last = Dictionary(passages.map { ($0.board.id, $0.run) }, uniquingKeysWith: { $1 })
        return boards.compactMap { board in last[board.id].flatMap { runs[$0] }.map { (board, $0) } }
    }

    private var order: String { orders.joined(separator: "+") }

    private func count(_ outcome: Outcome) -> Int { last.count { $0.run.outcome == outcome } }

    /// Whether every board had its run and each run ended as its fault says it must; without a fault, in pass.
    var isAsExpected: Bool {
        guard last.count == boards.count else { return false }
        let twins = last.filter { $0.board.fault == .duplicateMAC }
        if case .sample(let every) = activation, faults.isEmpty, count(.pass) != boards.count / every { return false }
        guard twins.isEmpty || twins.count(where: { $0.run.outcome == .pass }) == 1 else { return false }
        return last.allSatisfy { board, run in
            // Never another board's identity, whatever the fault.
            guard let outcome = run.outcome, run.identity == nil || run.identity == board.identity else { return false }
            let met = [board.fault].compactMap(\.self) + faults.filter { !$0.hitsOneBoard }
            // A board that is not activated by plan ends as done; a fault that only a running board has does not show.
            if run.conclusion["details"]["activation"].string == RunMachine.Activation.none.rawValue,
                met.allSatisfy({ $0.needsPower || $0.isExpected(outcome: .pass, code: nil) })
            {
                return outcome == .done
            }
            return met.isEmpty
                ? outcome == .pass : met.contains { $0.isExpected(outcome: outcome, code: run.failureCode) }
        }
    }

    /// The object of `--json`.
    var json: JSONValue {
        [
            "order": .string(order), "boards": .init(boards.count),
            "passed": .init(count(.pass)),
            "done": .init(count(.done)), "failed": .init(count(.fail)), "held": .init(count(.held)),
            "interrupted": .init(count(.interrupted)), "aborted": .init(count(.aborted)),
            "duration_s": .init(Int(duration.components.seconds)), "runs": .array(runs.map(json)),
        ]
    }

    private func json(_ run: RunRecord) -> JSONValue {
        let evidence = run.conclusion["evidence"]
        return [
            "slot": .string(run.slot), "identity": .init(run.identity), "device_name": .init(run.deviceName),
            "outcome": .init(run.outcome?.rawValue), "failure_code": .init(run.failureCode),
            "fault": .init(fault(of: run)?.description), "steps": run.conclusion["steps"],
            "evidence": evidence == .null
                ? .null
                : [
                    "state": evidence["state"], "activated_at": evidence["activated_at"],
                    "online_at": evidence["online_at"], "before": evidence["before"],
                ],
        ]
    }

    /// The table for people.
    var table: String {
        var lines = [
            "",
            "order \(order): \(boards.count) boards, \(count(.pass)) passed, \(count(.done)) done, \(count(.fail)) failed, "
                + "\(count(.held)) held, \(count(.aborted)) aborted in \(duration.components.seconds) s", "",
            Self.row(["slot", "device name", "outcome", "code", "activated", "fault"]),
        ]
        for run in runs {
            lines.append(
                Self.row([
                    run.slot, run.deviceName ?? run.identity ?? "-", (run.outcome?.rawValue ?? "open").uppercased(),
                    run.failureCode ?? "-", run.conclusion["evidence"]["activated_at"].string ?? "-",
                    fault(of: run)?.description ?? "",
                ]))
            if let code = run.failureCode.flatMap(FailureCode.init(known:)) {
                lines.append("          \(code.entry.en.happened). \(code.entry.en.action).")
                lines.append("          \(code.entry.zh.happened)。\(code.entry.zh.action)。")
            }
        }
        lines += ["", isAsExpected ? "Every board ended as it should." : "NOT every board ended as it should."]
        return lines.joined(separator: "\n")
    }

    private static func row(_ cells: [String]) -> String {
        zip(cells, [10, 20, 12, 8, 26, 0]).map { cell, width in
            cell + String(repeating: " ", count: max(1, width - cell.count))
        }.joined()
    }

    /// The batch log: one line of JSON a run.
    func writeLog(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let text = runs.map { json($0).text + "\n" }.joined()
        try text.write(toFile: folder + "/\(order).jsonl", atomically: true, encoding: .utf8)
    }
}
