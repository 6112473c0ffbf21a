import Provisioning

/// Facts of a few units, written as they would happen, one after the other.
struct FactScript {
    private(set) var facts: [Fact] = []
    private var seq: Int64 = 0
    /// 2026-11-02T00:00:00Z, 08:00 in Shanghai.
    static let start: Int64 = 1_793_577_600_000
    /// Minutes since ``start``.
    var minute: Int64 = 0
    var shift: String? = "2026-11-02/day"
    var order = "WO-0001"

    /// In the order of unit and sequence number, as the journal streams them.
    var sorted: [Fact] { facts.sorted { ($0.unit, $0.seq) < ($1.unit, $1.seq) } }
    /// The sequence number of the last fact.
    var last: Int64 { seq }

    private var now: Int64 { Self.start + minute * 60_000 }

    private mutating func add(_ kind: Fact.Kind, _ unit: Int64, _ change: (inout Fact) -> Void) {
        seq += 1
        var fact = Fact(unit: unit, seq: seq, kind: kind, order: order, time: now)
        fact.shift = shift
        change(&fact)
        facts.append(fact)
    }

    /// The unit's first claim.
    mutating func claim(_ unit: Int64) {
        let now = now
        add(.claim, unit) { ($0.started, $0.state) = (now, .claimed) }
    }

    mutating func again(_ unit: Int64) {
        let now = now
        add(.again, unit) { ($0.started, $0.state) = (now, .claimed) }
    }

    /// A run that began `took` minutes ago, in the shift that was open then.
    mutating func run(
        _ unit: Int64, _ outcome: Outcome, _ code: String? = nil, state: BoardUnit.State?, took: Int64 = 1,
        begunIn begun: String?? = nil, slot: String = "1", by person: String? = "Li Wei", release: String? = "1.0.0",
        mode: String? = "full", activation: String? = "board", steps: [FactStep] = []
    ) {
        let (now, shift) = (now, shift)
        add(.run, unit) { run in
            (run.started, run.shift, run.shiftConcluded) = (now - took * 60_000, begun ?? shift, shift)
            (run.outcome, run.code, run.state, run.slot, run.operator) = (outcome, code, state, slot, person)
            (run.release, run.mode, run.activation, run.steps) = (release, mode, activation, steps)
        }
    }

    /// A first claim and the run that follows.
    mutating func board(
        _ unit: Int64, _ outcome: Outcome, _ code: String? = nil, state: BoardUnit.State?, slot: String = "1",
        activation: String? = "board", steps: [FactStep] = []
    ) {
        claim(unit)
        minute += 1
        run(unit, outcome, code, state: state, slot: slot, activation: activation, steps: steps)
    }

    /// A known unit runs once more.
    mutating func retest(
        _ unit: Int64, _ outcome: Outcome, _ code: String? = nil, state: BoardUnit.State?, mode: String = "full"
    ) {
        again(unit)
        minute += 1
        run(unit, outcome, code, state: state, mode: mode)
    }

    mutating func workflow(_ unit: Int64, _ kind: String, state: BoardUnit.State?, returned: Bool = false) {
        add(.workflow, unit) { ($0.detail, $0.state, $0.quotaReturned) = (kind, state, returned) }
    }

    mutating func hold(_ unit: Int64) { add(.held, unit) { $0.state = .held } }
    mutating func release(_ unit: Int64, to state: BoardUnit.State) { add(.released, unit) { $0.state = state } }
    mutating func refuse(_ unit: Int64) { add(.refused, unit) { ($0.state, $0.code) = (.held, "CL-109") } }

    static func step(_ step: Step, _ start: Int, _ duration: Int, isOK: Bool = true) -> FactStep {
        FactStep(step: step, startMilliseconds: start, durationMilliseconds: duration, isOK: isOK)
    }
}
