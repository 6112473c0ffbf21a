/// An International Mobile Equipment Identity: TAC (8 digits), serial (6 digits), Luhn check digit.
///
/// Source: 3GPP TS 23.003, clause 6. A 16-digit IMEISV carries no check digit and is refused here.
public struct IMEI: Hashable, Sendable, CustomStringConvertible {
    /// The fifteen digits.
    public let digits: String

    /// Checks fifteen digits.
    /// - Throws: ``IdentityError`` with `length`, `characters`, `allZero`, `testNumber` (TAC 00499901, reserved for
    ///   tests) or `checkDigit`; the last names the digit that would have been right.
    public init(_ text: String) throws(IdentityError) {
        func refuse(_ code: IdentityError.Code, _ expected: String) -> IdentityError {
            IdentityError(kind: "imei", code: code, received: text, expected: expected)
        }
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }) else { throw refuse(.characters, "digits only") }
        guard text.count == 15 else { throw refuse(.length, "15 digits, not \(text.count)") }
        guard text.contains(where: { $0 != "0" }) else { throw refuse(.allZero, "an IMEI that was programmed") }
        guard !text.hasPrefix("00499901") else { throw refuse(.testNumber, "a number that is not reserved for tests") }
        let check = Luhn.checkDigit(of: text.dropLast())
        guard text.last?.wholeNumberValue == check else { throw refuse(.checkDigit, "check digit \(check)") }
        digits = text
    }

    /// Type allocation code: the first eight digits, which name the model.
    public var typeAllocationCode: String { String(digits.prefix(8)) }
    public var description: String { digits }
}
