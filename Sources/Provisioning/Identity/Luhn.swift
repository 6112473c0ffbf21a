/// The Luhn check digit of IMEI (3GPP TS 23.003, annex B) and ICCID (ITU-T E.118).
public enum Luhn {
    /// The digit that completes `digits`; characters that are no digits count as 0.
    public static func checkDigit(of digits: some BidirectionalCollection<Character>) -> Int {
        var sum = 0
        for (index, character) in digits.reversed().enumerated() {
            let digit = character.wholeNumberValue ?? 0
            let doubled = index.isMultiple(of: 2) ? digit * 2 : digit
            sum += doubled / 10 + doubled % 10
        }
        return (10 - sum % 10) % 10
    }
}
