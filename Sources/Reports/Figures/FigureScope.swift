/// Whose figures are computed: which units are entered and concluded, and which runs count.
///
/// | scope | entered | concluded | runs |
/// |---|---|---|---|
/// | batch | all units of the order | every unit that has a conclusion | the order's |
/// | shift | units first claimed in it | units whose last conclusion fell into it | begun in it |
/// | station | units whose first run began in the range | … whose last conclusion was written in it | begun in it |
public enum FigureScope: Hashable, Sendable {
    /// All that was made for an order.
    /// - Parameter quota: units the order allows.
    case batch(order: String, quota: Int)
    /// One shift, as the journal stood at a sequence number.
    case shift(ShiftSpan)
    /// Everything from `from` until before `until`, in milliseconds since 1970; nil = without bound.
    case station(from: Int64?, until: Int64?)

    /// What figures need to know of a shift.
    public struct ShiftSpan: Hashable, Sendable {
        /// `YYYY-MM-DD/name`.
        public let id: String
        /// The last record that counts; what came later is told as adjustments.
        public let cut: Int64
        /// When it began, and until when hours are listed: its end, or where it is open the cut, and never beyond its
        /// planned end; milliseconds since 1970.
        public let began, until: Int64
        /// Good units planned for each hour; nil = no plan.
        public let planPerHour: Int?

        public init(id: String, cut: Int64, began: Int64, until: Int64, planPerHour: Int? = nil) {
            (self.id, self.cut, self.began, self.until) = (id, cut, began, until)
            self.planPerHour = planPerHour
        }
    }

    /// The last record that counts; nil = every one that is read.
    var cut: Int64? { if case .shift(let span) = self { span.cut } else { nil } }

    /// Whether a unit is entered.
    func enters(_ claim: UnitTally.Claim) -> Bool {
        switch self {
        case .batch(let id, _): claim.order == id
        case .shift(let span): claim.shift == span.id
        case .station(let from, let until): Self.holds(claim.started, from, until)
        }
    }

    func concludes(_ claim: UnitTally.Claim?, _ conclusion: UnitTally.Conclusion) -> Bool {
        switch self {
        case .batch(let id, _): claim?.order == id
        case .shift(let span): conclusion.shift == span.id
        case .station(let from, let until): Self.holds(conclusion.time, from, until)
        }
    }

    /// Whether a run, or a workflow, counts.
    /// - Parameter time: the run's start; where it has none, and for a workflow, the record's time.
    func counts(order: String?, shift: String?, time: Int64) -> Bool {
        switch self {
        case .batch(let id, _): order == id
        case .shift(let span): shift == span.id
        case .station(let from, let until): Self.holds(time, from, until)
        }
    }

    private static func holds(_ time: Int64, _ from: Int64?, _ until: Int64?) -> Bool {
        (from.map { time >= $0 } ?? true) && (until.map { time < $0 } ?? true)
    }
}
