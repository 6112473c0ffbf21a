/// The number of a SIM card: 19 or 20 digits beginning with 89, the last of them a Luhn check digit.
///
/// Source: ITU-T E.118, section 4. Modems print a number of 19 digits with a trailing `F`, which is dropped here.
public struct ICCID: Hashable, Sendable, CustomStringConvertible {
    /// The 19 or 20 digits.
    public let digits: String

    /// - Throws: ``IdentityError`` with `length`, `characters`, `pattern` (not beginning with 89) or `checkDigit`; the last
    ///   names the digit that would have been right.
    public init(_ text: String) throws(IdentityError) {
        func refuse(_ code: IdentityError.Code, _ expected: String) -> IdentityError {
            IdentityError(kind: "iccid", code: code, received: text, expected: expected)
        }
        let bare = text.count == 20 && text.last?.uppercased() == "F" ? String(text.dropLast()) : text
        guard bare.allSatisfy({ $0.isASCII && $0.isNumber }) else { throw refuse(.characters, "digits only") }
        guard (19...20).contains(bare.count) else { throw refuse(.length, "19 or 20 digits, not \(bare.count)") }
        guard bare.hasPrefix("89") else { throw refuse(.pattern, "a number that begins with 89") }
        let check = Luhn.checkDigit(of: bare.dropLast())
        guard bare.last?.wholeNumberValue == check else { throw refuse(.checkDigit, "check digit \(check)") }
        digits = bare
    }

    public var description: String { digits }
}
