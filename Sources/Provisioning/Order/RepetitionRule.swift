/// Tells when failures of an order repeat: three units in a row, or two slots within two minutes, with one code.
///
/// Source: product description, "Before and between boards". A pass ends a row.
public struct RepetitionRule: Sendable {
    /// Units in a row.
    public static let row = 3
    /// How close the failures of two slots are.
    public static let span = Duration.seconds(120)

    private struct Failed: Sendable {
        let unit: String
        let slot: String
        let code: FailureCode
        let time: Duration
    }

    /// Failures since the last pass.
    private var row: [Failed] = []
    /// Failures of the last two minutes.
    private var recent: [Failed] = []

    public init() {}

    /// Takes how one run ended.
    /// - Parameters:
    ///   - unit: DeviceName or identity; a run that ended before either was known counts as a unit of its own.
    ///   - time: on any clock that only goes forward.
    /// - Returns: the code that repeats; nil where none does.
    public mutating func take(unit: String, slot: String, failure: FailureCode?, at time: Duration) -> FailureCode? {
        guard let failure else {
            row = []
            return nil
        }
        let failed = Failed(unit: unit, slot: slot, code: failure, time: time)
        row = (row.filter { $0.unit != unit } + [failed]).suffix(Self.row)
        recent = recent.filter { $0.unit != unit && time - $0.time <= Self.span } + [failed]
        let isRow = row.count == Self.row && row.allSatisfy { $0.code == failure }
        let isSpread = recent.contains { $0.code == failure && $0.slot != slot }
        return isRow || isSpread ? failure : nil
    }
}
