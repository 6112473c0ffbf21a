public import Provisioning

/// What one slot shows: the word, the step, how far it is, what to do.
public struct SlotStatus: Sendable {
    /// The state word of a slot.
    public enum Word: String, Sendable, CaseIterable {
        case empty = "EMPTY"
        case ready = "READY"
        /// A label has to be scanned at the slot.
        case scan = "SCAN"
        case busy = "BUSY"
        case pass = "PASS"
        case done = "DONE"
        case fail = "FAIL"
        case hold = "HOLD"
    }

    public let slot: String
    public var word: Word = .empty
    public var run: Int64?
    public var step: Step?
    /// Work done and to do in the step, in bytes; nil where it can't be told.
    public var progress: Progress?
    public var identity: String?
    public var deviceName: String?
    public var failure: Failure?
    /// One sentence for the operator beside the word, in English; empty when the word says it all.
    public var message = ""
    /// The same in Chinese; empty where there is none.
    public var messageZh = ""
    /// The order the slot works for; nil = none.
    public var order: String?
    /// When the step is to be over at the latest; nil where it has no time of its own.
    public var until: ContinuousClock.Instant?

    /// How far a step is.
    public struct Progress: Hashable, Sendable {
        public let done: Int
        public let total: Int

        public init(done: Int, total: Int) { (self.done, self.total) = (done, total) }
    }

    public init(slot: String) { self.slot = slot }
}

/// Something that happened on the line, for terminals and pages. The journal is the record; these may be missed.
public enum LineEvent: Sendable {
    /// What a crash left open is recorded; slots begin to take boards.
    case started
    case slot(SlotStatus)
    case step(slot: String, run: Int64, step: Step, detail: String)
    case order(WorkOrder)
    /// A shift has begun, was extended, or has ended.
    case shift(Shift)
    case concluded(slot: String, run: Int64, outcome: Outcome, failure: Failure?)
    /// Something for people to know; `zh` is nil where only the engineer needs it.
    case notice(String, zh: String? = nil)
}
