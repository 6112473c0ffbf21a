public import Provisioning

/// Figures out of a stream of facts in the order of unit and sequence number.
///
/// ```
///   facts of unit 0 (runs without a unit) · facts of unit 1 · facts of unit 2 · … ──► add ──► finish
/// ```
/// A value without I/O. It keeps the unit it is at, counters, and histograms; nothing for each unit, so that memory does not
/// grow with their number.
public struct FigureAccumulator: Sendable {
    private let scope: FigureScope
    private var unit = UnitTally(unit: 0)
    private var units = UnitTotals()
    private var runs = RunTotals()

    public init(scope: FigureScope) { self.scope = scope }

    /// Takes the next fact.
    /// - Parameter fact: of the same unit as the one before and with a higher sequence number, or of a unit with a higher
    ///   number.
    public mutating func add(_ fact: Fact) {
        if fact.unit != unit.unit {
            close()
            unit = UnitTally(unit: fact.unit)
        }
        if let cut = scope.cut, fact.seq > cut {
            unit.addLater(fact)
            return
        }
        switch fact.kind {
        case .run where scope.counts(order: fact.order, shift: fact.shift, time: fact.started ?? fact.time):
            runs.add(fact)
        case .workflow where scope.counts(order: fact.order, shift: fact.shift, time: fact.time):
            unit.add(workflow: fact.detail)
        default: break
        }
        if fact.unit > 0 { unit.add(fact) }
    }

    /// The figures of what was added so far.
    public func finish() -> Figures {
        var last = self
        last.close()
        var figures = Figures()
        last.units.write(to: &figures, scope: scope)
        last.runs.write(to: &figures)
        return figures
    }

    private mutating func close() {
        if unit.unit > 0 { units.add(unit, scope: scope) }
    }
}
