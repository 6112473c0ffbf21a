/// What one record says about one unit, or about a run without a unit: all that figures are computed from.
///
/// A fact is a function of its record alone, so that whoever has the exported journal has every fact:
/// ```
///   record ──► 0, 1 or more facts ──► figures (facts in the order of unit and sequence number)
/// ```
public struct Fact: Hashable, Sendable {
    public enum Kind: Int, Sendable, CaseIterable {
        /// The first claim: the unit came into being.
        case claim = 1
        /// A run's conclusion.
        case run
        /// A workflow's conclusion.
        case workflow
        /// The unit was put on hold: by a person, or with a failed sample.
        case held
        /// A person let it go on.
        case released
        /// A claim was refused in a way that changed the unit.
        case refused
        /// A claim of a unit that was known: it is under way again.
        case again
    }

    /// Number of the unit in its journal; 0 = a run that came to no unit.
    public let unit: Int64
    /// Sequence number of the record.
    public let seq: Int64
    public let kind: Kind
    public var order: String?
    /// When the record was written; milliseconds since 1970.
    public let time: Int64
    /// Start of the run (claim, again, run); milliseconds since 1970.
    public var started: Int64?
    /// The shift of the run's start (claim, again, run), else of the record; nil = none was open.
    public var shift: String?
    /// The shift of the run's conclusion.
    public var shiftConcluded: String?
    public var slot: String?
    public var `operator`: String?
    public var release: String?
    public var outcome: Outcome?
    /// The failure code it ended with.
    public var code: String?
    /// The unit's state after it; nil = as it was.
    public var state: BoardUnit.State?
    /// What the claim allowed: `full`, `full-write-all`, `finish`; nil = no claim was made.
    public var mode: String?
    /// `board`, `relay` or `none`.
    public var activation: String?
    /// Of a workflow that was done: its kind.
    public var detail: String?
    /// Whether a workflow gave the unit's place in the quota back.
    public var quotaReturned = false
    /// The run's steps as they were measured, in their order.
    public var steps: [FactStep] = []

    public init(unit: Int64, seq: Int64, kind: Kind, order: String? = nil, time: Int64) {
        (self.unit, self.seq, self.kind, self.order, self.time) = (unit, seq, kind, order, time)
    }

    /// The run's whole time in milliseconds: to the end of the step that ended last; nil = no step was measured.
    public var totalMilliseconds: Int? { steps.map { $0.startMilliseconds + $0.durationMilliseconds }.max() }
}

/// One step of a run, as figures need it.
public struct FactStep: Hashable, Sendable {
    public let step: Step
    /// From the run's start.
    public let startMilliseconds: Int
    public let durationMilliseconds: Int
    /// Whether it ended without a failure code.
    public let isOK: Bool

    public init(step: Step, startMilliseconds: Int, durationMilliseconds: Int, isOK: Bool) {
        (self.step, self.startMilliseconds) = (step, startMilliseconds)
        (self.durationMilliseconds, self.isOK) = (durationMilliseconds, isOK)
    }
}
