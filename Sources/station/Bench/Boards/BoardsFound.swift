import Journal
import Provisioning
import Simulation

/// What came of boards with faults, beside what was wrong with them.
struct BoardsFound: Sendable {
    /// How the boards with one fault ended; the healthy ones have none.
    struct Row: Sendable {
        var boards = 0
        /// How often each outcome, with its failure code.
        var ends: [String: Int] = [:]
        var unexpected = 0
    }

    /// A way of working and how long it took.
    struct Time: Sendable {
        let part: String
        let boards: Int
        let duration: Duration
    }

    private(set) var rows: [String: Row] = [:]
    private(set) var times: [Time] = []
    /// Passed, though something is wrong with the board, with what stands in its flash, or with its cloud record.
    private(set) var falsePasses: [String] = []
    /// Not passed, though nothing is wrong with it.
    private(set) var falseFails: [String] = []
    /// What else is not as it should be.
    private(set) var problems: [String] = []
    private(set) var claimedUnits = 0
    private(set) var devices = 0

    var isGood: Bool { falsePasses.isEmpty && falseFails.isEmpty && problems.isEmpty }
    var boards: Int { times.reduce(0) { $0 + $1.boards } }

    /// Takes one part's outcome in.
    /// - Parameter wellWritten: boards in whose flash stood what the release says when they were taken off.
    mutating func add(_ part: String, _ report: DemoReport, wellWritten: Set<Int>) {
        times.append(Time(part: part, boards: report.boards.count, duration: report.duration))
        let active = Set(report.tally.devices.filter { $0.activated != nil }.map(\.deviceName))
        let last = report.last
        if last.count != report.boards.count {
            problems.append("\(part): \(report.boards.count - last.count) boards have no run")
        }
        for (board, run) in last {
            judge(part, board, run, isProven: wellWritten.contains(board.id) && active.contains(run.deviceName ?? ""))
        }
        let twins = Dictionary(grouping: last.filter { $0.board.fault == .duplicateMAC }, by: \.board.mac)
        for (mac, pair) in twins where pair.count(where: { $0.run.outcome == .pass }) != 1 {
            problems.append("\(part): of the two boards with MAC \(mac) not exactly one has passed")
        }
        count(part, report.tally)
    }

    private mutating func judge(_ part: String, _ board: DemoBoard, _ run: RunRecord, isProven: Bool) {
        let (outcome, code) = (run.outcome, run.failureCode)
        let end = [outcome?.rawValue ?? "open", code].compactMap(\.self).joined(separator: " ")
        let isExpected =
            outcome.map { outcome in
                board.fault?.isExpected(outcome: outcome, code: code) ?? (outcome == .pass)
            } ?? false
        let name = board.fault?.description ?? "none"
        rows[name, default: Row()].boards += 1
        rows[name, default: Row()].ends[end, default: 0] += 1
        if !isExpected { rows[name, default: Row()].unexpected += 1 }
        let text = "\(part): board \(board.id) with fault \(name), run \(run.id) on \(run.slot): \(end)"
        if outcome == .pass, !isExpected || !isProven || (run.identity != nil && run.identity != board.identity) {
            falsePasses.append(text)
        } else if !isExpected {
            if board.fault == nil {
                falseFails.append(text)
            } else {
                problems.append(text + ", another end was expected")
            }
        } else if run.identity != nil, run.identity != board.identity {
            problems.append(text + ", under the identity of another board")
        }
    }

    /// Compares claims, units and devices.
    private mutating func count(_ part: String, _ tally: DemoReport.Tally) {
        let names = tally.units.map(\.deviceName.text)
        claimedUnits += names.count
        devices += tally.devices.count
        if Set(names).count != names.count { problems.append("\(part): a DeviceName belongs to two units") }
        if tally.firstClaims != names.count {
            problems.append("\(part): \(tally.firstClaims) first claims, \(names.count) units")
        }
        // A unit that was lost before it was registered has no device; a device without a unit is nobody's.
        let strays = Set(tally.devices.map(\.deviceName)).subtracting(names)
        if !strays.isEmpty { problems.append("\(part): devices of no unit: \(strays.sorted().prefix(5))") }
        let registered = tally.units.filter { $0.iotID != nil }
        let missing = Set(registered.map(\.deviceName.text)).subtracting(tally.devices.map(\.deviceName))
        if !missing.isEmpty { problems.append("\(part): units without their device: \(missing.sorted().prefix(5))") }
        if !tally.isChainWhole { problems.append("\(part): the journal's chain is broken") }
        if tally.writtenIntruders > 0 {
            problems.append("\(part): \(tally.writtenIntruders) boards were written that had been swapped in")
        }
    }
}
