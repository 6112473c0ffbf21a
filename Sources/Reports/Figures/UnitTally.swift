import Provisioning

/// What figures need to know of one unit, gathered from its facts in the order of their sequence numbers.
struct UnitTally: Sendable {
    /// Its first claim.
    struct Claim: Sendable {
        let order: String?
        let shift: String?
        /// Milliseconds since 1970.
        let started: Int64
    }

    /// The last thing that gave it a state, other than a claim.
    struct Conclusion: Sendable {
        let state: BoardUnit.State
        let shift: String?
        /// Milliseconds since 1970.
        let time: Int64
    }

    let unit: Int64
    private(set) var claim: Claim?
    private(set) var conclusion: Conclusion?
    private(set) var state: BoardUnit.State?
    /// Runs that judged the board.
    private(set) var attempts = 0
    /// The number of the first attempt that was good; nil = none was.
    private(set) var firstGood: Int?
    /// The steps of its first attempt.
    private(set) var firstSteps: [FactStep] = []
    /// How the board of the last passed run was activated.
    private(set) var passActivation: String?
    private(set) var isReflashed = false
    private(set) var isReset = false
    /// Times its place in the quota was given back.
    private(set) var returned = 0
    /// The last state after the cut, and the record that gave it.
    private(set) var later: (state: BoardUnit.State, seq: Int64, time: Int64)?

    init(unit: Int64) { self.unit = unit }

    /// Takes a fact up to the cut.
    mutating func add(_ fact: Fact) {
        if let state = fact.state { self.state = state }
        switch fact.kind {
        case .claim:
            if claim == nil {
                claim = Claim(order: fact.order, shift: fact.shift, started: fact.started ?? fact.time)
            }
            return
        case .run:
            if Self.isAttempt(fact) { judge(fact) }
            if fact.outcome == .pass { passActivation = fact.activation }
        case .workflow: if fact.quotaReturned { returned += 1 }
        case .held, .released, .refused: break
        case .again: return
        }
        if let state = fact.state {
            let shift = fact.kind == .run ? fact.shiftConcluded : fact.shift
            conclusion = Conclusion(state: state, shift: shift, time: fact.time)
        }
    }

    /// Takes a fact after the cut.
    mutating func addLater(_ fact: Fact) {
        if let state = fact.state { later = (state, fact.seq, fact.time) }
    }

    /// Notes a workflow that counts.
    mutating func add(workflow kind: String?) {
        switch kind {
        case "reflash": isReflashed = true
        case "reset": isReset = true
        default: break
        }
    }

    private mutating func judge(_ run: Fact) {
        attempts += 1
        if attempts == 1 { firstSteps = run.steps }
        if firstGood == nil, run.outcome == .pass || run.outcome == .done { firstGood = attempts }
    }

    /// Whether a run judged its board. One that was cut off, or ended for a cause outside the board, leaves the unit its
    /// first-pass standing.
    static func isAttempt(_ run: Fact) -> Bool {
        switch run.outcome {
        case .pass, .done, .fail: true
        case .held: run.state == .held
        case .aborted, .interrupted, nil: false
        }
    }
}

extension BoardUnit.State {
    /// Whether the unit is made: passed, or done by plan.
    var isGood: Bool { self == .passed || self == .done }
}
