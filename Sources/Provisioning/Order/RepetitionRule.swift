/// Tells when failures of an order repeat: three units in a row, or two slots within two minutes, with one code.
///
/// Source: product description, "Before and between boards". A pass ends every row.
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

    private var failures: [Failed] = []

    public init() {}

    /// Takes how one run ended.
    /// - Parameters:
    ///   - unit: DeviceName or identity; a run that ended before either was known counts as a unit of its own.
    ///   - time: on any clock that only goes forward.
    /// - Returns: the code that repeats; nil where none does.
    public mutating func take(unit: String, slot: String, failure: FailureCode?, at time: Duration) -> FailureCode? {
        guard let failure else {
            failures = []
            return nil
        }
        failures.removeAll { $0.unit == unit }
        failures.append(Failed(unit: unit, slot: slot, code: failure, time: time))
        failures = failures.suffix(32)
        let row = failures.suffix(Self.row)
        let isRow = row.count == Self.row && row.allSatisfy { $0.code == failure }
        let isSpread = failures.contains { $0.code == failure && $0.slot != slot && time - $0.time <= Self.span }
        return isRow || isSpread ? failure : nil
    }

    /// A person has named the cause: what was before no longer counts.
    public mutating func clear() { failures = [] }
}
