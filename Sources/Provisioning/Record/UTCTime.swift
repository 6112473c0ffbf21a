/// Instants of records and of the cloud: UTC text, ISO 8601 with `Z`, and milliseconds since 1970.
public enum UTCTime {
    /// Reads `YYYY-MM-DDThh:mm:ssZ`, with or without a fraction of a second, which counts to the millisecond.
    /// - Returns: milliseconds since 1970-01-01T00:00:00Z; nil for any other text.
    public static func milliseconds(_ text: String) -> Int64? {
        var bytes = text.utf8[...]
        guard bytes.popLast() == UInt8(ascii: "Z") else { return nil }
        func number(_ digits: Int, before separator: Character?) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<digits {
                guard let byte = bytes.popFirst(), (48...57).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            guard let separator else { return value }
            return bytes.popFirst() == separator.asciiValue ? value : nil
        }
        guard let year = number(4, before: "-"), let month = number(2, before: "-"), (1...12).contains(month),
            let day = number(2, before: "T"), (1...daysInMonth(year, month)).contains(day),
            let hour = number(2, before: ":"), hour < 24, let minute = number(2, before: ":"), minute < 60,
            let second = number(2, before: nil), second < 60
        else { return nil }
        var fraction: Int64 = 0
        if let point = bytes.popFirst() {
            guard point == UInt8(ascii: "."), !bytes.isEmpty,
                bytes.allSatisfy({ (48...57).contains($0) })
            else { return nil }
            for place in 0..<3 {
                let digit = bytes.dropFirst(place).first ?? 48
                fraction = fraction * 10 + Int64(digit - 48)
            }
        }
        let days = days(year, month, day)
        return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + fraction
    }

    /// `YYYY-MM-DDThh:mm:ss.sssZ`.
    /// - Parameter milliseconds: since 1970, years 0 to 9999.
    public static func text(_ milliseconds: Int64) -> String {
        let (second, fraction) = floorDivided(milliseconds, 1000)
        return String(seconds(second).dropLast()) + "." + padded(fraction, 3) + "Z"
    }

    /// `YYYY-MM-DDThh:mm:ssZ`.
    /// - Parameter seconds: since 1970, years 0 to 9999.
    public static func seconds(_ seconds: Int64) -> String {
        let (day, rest) = floorDivided(seconds, 86_400)
        let (year, month, dayOfMonth) = civil(day)
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2) + "T" + padded(rest / 3600, 2)
            + ":" + padded(rest / 60 % 60, 2) + ":" + padded(rest % 60, 2) + "Z"
    }

    // MARK: - The Gregorian calendar, in eras of 400 years that begin in March

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivided(shifted, 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivided(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func floorDivided(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
