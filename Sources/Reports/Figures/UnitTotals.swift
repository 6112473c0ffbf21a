import Provisioning

/// Sums over units.
struct UnitTotals: Sendable {
    private var counts: [Count: Int] = [:]
    private var states: [BoardUnit.State: Int] = [:]
    /// Entered units that had an attempt; that were good by their second, third, any attempt; that had two or more.
    private var (judged, second, third, any, retested) = (0, 0, 0, 0, 0)
    /// Places in the quota that entered units gave back.
    private var returned = 0
    private var steps = Array(repeating: (entered: 0, passed: 0), count: Step.allCases.count)
    /// Good units by hours since 1970.
    private var hours: [Int64: Int] = [:]
    private var adjustments: [Adjustment] = []
    private var adjusted = 0

    private static let hour: Int64 = 3_600_000

    mutating func add(_ unit: UnitTally, scope: FigureScope) {
        let isEntered = unit.claim.map(scope.enters) ?? false
        let conclusion = unit.conclusion.flatMap { scope.concludes(unit.claim, $0) ? $0 : nil }
        if isEntered { enter(unit) }
        if let conclusion { conclude(unit, conclusion) }
        if unit.isReflashed { counts[.reflashed, default: 0] += 1 }
        if unit.isReset { counts[.reset, default: 0] += 1 }
        guard isEntered || conclusion != nil, let was = unit.state, let later = unit.later, later.state != was else {
            return
        }
        adjusted += 1
        guard adjustments.count < Figures.adjustmentLimit else { return }
        adjustments.append(
            Adjustment(unit: unit.unit, was: was, now: later.state, seq: later.seq, time: later.time))
    }

    private mutating func enter(_ unit: UnitTally) {
        counts[.input, default: 0] += 1
        returned += unit.returned
        if unit.state == .claimed { counts[.open, default: 0] += 1 }
        if unit.attempts == 0 { counts[.unjudged, default: 0] += 1 }
        if unit.firstGood == 1 { counts[.firstPass, default: 0] += 1 }
        if unit.firstGood != 1, unit.state?.isGood == true { counts[.afterRetest, default: 0] += 1 }
        guard unit.attempts > 0 else { return }
        judged += 1
        if unit.attempts > 1 { retested += 1 }
        if let good = unit.firstGood {
            any += 1
            if good <= 2 { second += 1 }
            if good <= 3 { third += 1 }
        }
        count(unit.firstSteps)
    }

    /// A step counts once, and as passed where each of its entries ended well.
    private mutating func count(_ first: [FactStep]) {
        for (place, step) in Step.allCases.enumerated() {
            var (isEntered, isPassed) = (false, true)
            for entry in first where entry.step == step {
                isEntered = true
                if !entry.isOK { isPassed = false }
            }
            guard isEntered else { continue }
            steps[place].entered += 1
            if isPassed { steps[place].passed += 1 }
        }
    }

    private mutating func conclude(_ unit: UnitTally, _ conclusion: UnitTally.Conclusion) {
        let state = unit.state ?? conclusion.state
        states[state, default: 0] += 1
        if state == .passed, unit.passActivation == "relay" { counts[.relayPasses, default: 0] += 1 }
        if state.isGood { hours[conclusion.time / Self.hour, default: 0] += 1 }
    }

    // MARK: - The figures

    func write(to figures: inout Figures, scope: FigureScope) {
        for count in Count.allCases where !count.isOfQuota { figures.counts[count] = counts[count] ?? 0 }
        for (count, state) in Self.byState { figures.counts[count] = states[state] ?? 0 }
        if case .batch(_, let quota) = scope {
            figures.counts[.quota] = quota
            let claimed = counts[.input] ?? 0
            figures.counts[.claimed] = claimed
            figures.counts[.quotaReturned] = returned
            figures.counts[.quotaLeft] = max(0, quota - claimed + returned)
        }
        let good = (states[.passed] ?? 0) + (states[.done] ?? 0)
        figures.rates[.firstPass] = Ratio.basisPoints(counts[.firstPass] ?? 0, of: judged)
        figures.rates[.second] = Ratio.basisPoints(second, of: judged)
        figures.rates[.third] = Ratio.basisPoints(third, of: judged)
        figures.rates[.last] = Ratio.basisPoints(any, of: judged)
        figures.rates[.final] = Ratio.basisPoints(good, of: states.values.reduce(0, +))
        figures.rates[.retest] = Ratio.basisPoints(retested, of: judged)
        figures.steps = zip(Step.allCases, steps).compactMap { step, sum in
            sum.entered == 0
                ? nil
                : StepYield(
                    step: step, entered: sum.entered, passed: sum.passed,
                    yield: Ratio.basisPoints(sum.passed, of: sum.entered))
        }
        figures.hours = output(scope)
        (figures.adjustments, figures.adjustmentsTotal) = (adjustments, adjusted)
    }

    private static let byState: [(Count, BoardUnit.State)] = [
        (.passed, .passed), (.done, .done), (.failed, .failed), (.held, .held), (.scrapped, .scrapped),
        (.replaced, .replaced), (.offlineDebt, .awaitingActivation),
    ]

    private func output(_ scope: FigureScope) -> [HourOutput] {
        var (first, last) = (hours.keys.min(), hours.keys.max())
        var plan: Int?
        if case .shift(let span) = scope {
            let (began, until) = (span.began / Self.hour, max(span.began, span.until - 1) / Self.hour)
            (first, last) = (min(first ?? began, began), max(last ?? until, until))
            plan = span.planPerHour
        }
        guard let first, let last else { return [] }
        return (first...last).map { HourOutput(start: $0 * Self.hour, good: hours[$0] ?? 0, plan: plan) }
    }
}
