public import Provisioning

/// Every figure of a report, as whole numbers; `docs/reports.md` defines each.
public struct Figures: Hashable, Sendable {
    /// Each count; those of a quota only in a batch.
    public var counts: [Count: Int] = [:]
    /// Each rate in hundredths of a percent; missing where its denominator is 0.
    public var rates: [Rate: Int] = [:]
    /// The steps of first attempts, in their order.
    public var steps: [StepYield] = []
    /// Good units hour by hour, zeros included.
    public var hours: [HourOutput] = []
    /// How long steps took, in their order, then the whole run.
    public var cycle: [CycleTime] = []
    public var slots: [SlotFigures] = []
    /// Failed and held runs by failure code, slot, operator and release; the most frequent first.
    public var pareto: [ParetoKey: [ParetoEntry]] = [:]
    /// What became of a shift's units after its cut, by number; at most ``adjustmentLimit`` of them.
    public var adjustments: [Adjustment] = []
    public var adjustmentsTotal = 0

    public static let adjustmentLimit = 500

    public init() {}
}

/// What a Pareto sorts by.
public enum ParetoKey: String, CaseIterable, Sendable {
    case code, slot, `operator`, release
}

/// One bar of a Pareto.
public struct ParetoEntry: Hashable, Sendable {
    /// `–` where the run has none.
    public let key: String
    public let count: Int
    /// This and all before it, of all; hundredths of a percent.
    public let cumulative: Int
}

/// How many first attempts came to a step, and how many got through it.
public struct StepYield: Hashable, Sendable {
    public let step: Step
    public let entered: Int
    public let passed: Int
    /// Hundredths of a percent.
    public let yield: Int?
}

/// Good units of one hour.
public struct HourOutput: Hashable, Sendable {
    /// Start of the hour; milliseconds since 1970.
    public let start: Int64
    public let good: Int
    /// nil = there is no plan.
    public let plan: Int?
}

/// How long a step took where it ended without a failure, or the whole of good runs. Median and 95 % are floored to 100 ms.
public struct CycleTime: Hashable, Sendable {
    /// nil = the whole run.
    public let step: Step?
    public let count: Int
    public let minimum, median, most, maximum: Int
}

/// What one slot did.
public struct SlotFigures: Hashable, Sendable {
    public let slot: String
    public let runs, good, failed, held, interrupted: Int
    /// Median of its good runs, floored to 100 ms; nil = it had none.
    public let medianTotal: Int?
}

/// A unit of a shift whose state was changed by records after the shift's cut.
public struct Adjustment: Hashable, Sendable {
    public let unit: Int64
    public let was, now: BoardUnit.State
    /// The record that made it what it is.
    public let seq: Int64
    /// When that was written; milliseconds since 1970.
    public let time: Int64
}
