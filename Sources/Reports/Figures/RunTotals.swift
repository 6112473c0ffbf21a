import Provisioning

/// Sums over runs.
struct RunTotals: Sendable {
    private struct Slot: Sendable {
        var (runs, good, failed, held, interrupted) = (0, 0, 0, 0, 0)
        var totals = DurationHistogram()

        mutating func add(_ outcome: Outcome?, total: Int?) {
            runs += 1
            switch outcome {
            case .pass, .done: good += 1
            case .fail: failed += 1
            case .held: held += 1
            case .interrupted: interrupted += 1
            case .aborted, nil: break
            }
            if let total { totals.add(total) }
        }
    }

    private var (runs, interrupted, aborted, duplicates) = (0, 0, 0, 0)
    private var steps = Array(repeating: DurationHistogram(), count: Step.allCases.count)
    private var totals = DurationHistogram()
    private var slots: [String: Slot] = [:]
    private var pareto = Dictionary(uniqueKeysWithValues: ParetoKey.allCases.map { ($0, [String: Int]()) })

    /// What stands where a run has no code, slot, operator or release.
    private static let nothing = "–"
    /// Boards whose identity, chip or address block is somebody else's.
    private static let duplicateCodes: Set<String> = ["CL-101", "CL-102", "CL-103", "CL-110"]

    mutating func add(_ run: Fact) {
        runs += 1
        if let code = run.code, Self.duplicateCodes.contains(code) { duplicates += 1 }
        for step in run.steps where step.isOK {
            steps[Self.places[step.step] ?? 0].add(step.durationMilliseconds)
        }
        let total = run.outcome == .pass || run.outcome == .done ? run.totalMilliseconds : nil
        if let total { totals.add(total) }
        slots[run.slot ?? Self.nothing, default: Slot()].add(run.outcome, total: total)
        switch run.outcome {
        case .fail: blame(run)
        case .held where run.code != nil: blame(run)
        case .interrupted: interrupted += 1
        case .aborted: aborted += 1
        case .pass, .done, .held, nil: break
        }
    }

    private static let places = Dictionary(uniqueKeysWithValues: Step.allCases.enumerated().map { ($1, $0) })

    private mutating func blame(_ run: Fact) {
        for key in ParetoKey.allCases {
            let value =
                switch key {
                case .code: run.code
                case .slot: run.slot
                case .operator: run.operator
                case .release: run.release
                }
            pareto[key, default: [:]][value ?? Self.nothing, default: 0] += 1
        }
    }

    // MARK: - The figures

    func write(to figures: inout Figures) {
        figures.counts[.runs] = runs
        figures.counts[.interrupted] = interrupted
        figures.counts[.aborted] = aborted
        figures.counts[.refusedDuplicates] = duplicates
        let whole = [(step: nil as Step?, times: totals)]
        figures.cycle = (zip(Step.allCases, steps).map { (step: $0, times: $1) } + whole).compactMap(Self.cycle)
        figures.slots = slots.sorted { Self.isBefore($0.key, $1.key) }.map { name, slot in
            SlotFigures(
                slot: name, runs: slot.runs, good: slot.good, failed: slot.failed, held: slot.held,
                interrupted: slot.interrupted, medianTotal: slot.totals.quantile(50))
        }
        figures.pareto = pareto.mapValues(Self.entries)
    }

    private static func cycle(_ step: Step?, _ times: DurationHistogram) -> CycleTime? {
        guard let minimum = times.smallest, let maximum = times.largest, let median = times.quantile(50),
            let most = times.quantile(95)
        else { return nil }
        return CycleTime(
            step: step, count: times.count, minimum: minimum, median: median, most: most, maximum: maximum)
    }

    /// Numbers first, by their value; then other names, by their bytes.
    private static func isBefore(_ left: String, _ right: String) -> Bool {
        switch (Int(left), Int(right)) {
        case (let left?, let right?) where left != right: left < right
        case (_?, nil): true
        case (nil, _?): false
        default: left.utf8.lexicographicallyPrecedes(right.utf8)
        }
    }

    private static func entries(_ counted: [String: Int]) -> [ParetoEntry] {
        let total = counted.values.reduce(0, +)
        let sorted = counted.sorted { left, right in
            left.value != right.value
                ? left.value > right.value : left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
        }
        var sum = 0
        return sorted.map { key, count in
            sum += count
            return ParetoEntry(key: key, count: count, cumulative: Ratio.basisPoints(sum, of: total) ?? 0)
        }
    }
}
