import Foundation

/// The platform's ways to write one instant; all take milliseconds since 1970.
///
/// Source: OpenAPI "QueryDeviceDetail", "QueryDevice" (notes on times).
enum CloudTime {
    /// Wall clock, milliseconds since 1970.
    static func now() -> Int64 { Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)) }

    /// `2019-02-20T02:16:09.000Z`: the `Utc…` fields.
    static func utc(_ milliseconds: Int64) -> String {
        let t = Fields(milliseconds)
        return "\(t.date)T\(t.time).\(digits(t.milliseconds, 3))Z"
    }

    /// `2019-02-20 10:16:09`, China time in spite of the field's name: `Gmt…` of the detail calls.
    static func chinaGMT(_ milliseconds: Int64) -> String {
        let t = Fields(milliseconds + 8 * 3_600_000)
        return "\(t.date) \(t.time)"
    }

    /// `2019-02-20 10:16:09.000`, China time: the times of QueryDeviceBySQL.
    static func search(_ milliseconds: Int64) -> String {
        "\(chinaGMT(milliseconds)).\(digits(Fields(milliseconds).milliseconds, 3))"
    }

    /// `Wed, 20-Feb-2019 02:16:09 GMT`: `Gmt…` of QueryDevice.
    static func listGMT(_ milliseconds: Int64) -> String {
        let t = Fields(milliseconds)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(days[t.weekday]), \(digits(t.day, 2))-\(months[t.month - 1])-\(digits(t.year, 4)) \(t.time) GMT"
    }

    /// Reads `yyyy-MM-ddTHH:mm:ssZ`, the form of `Timestamp` and `x-acs-date`.
    static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20 else { return nil }
        for (index, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")] {
            guard bytes[index] == mark.utf8.first else { return nil }
        }
        func number(_ range: Range<Int>) -> Int64? {
            bytes[range].reduce(Int64?(0)) { total, byte in
                guard let total, (48...57).contains(byte) else { return nil }
                return total * 10 + Int64(byte - 48)
            }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        // Days since 1970 of a civil date, after H. Hinnant's public "chrono-compatible low-level date algorithms".
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return (days * 86400 + hour * 3600 + minute * 60 + second) * 1000
    }

    private struct Fields {
        let year, month, day, weekday, milliseconds: Int
        let time: String
        var date: String { "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))" }

        init(_ instant: Int64) {
            let days = Int(instant >= 0 ? instant / 86_400_000 : (instant - 86_399_999) / 86_400_000)
            let rest = Int(instant) - days * 86_400_000
            milliseconds = rest % 1000
            let seconds = rest / 1000
            time = "\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))"
            weekday = ((days % 7) + 11) % 7
            let z = days + 719_468
            let era = (z >= 0 ? z : z - 146_096) / 146_097
            let dayOfEra = z - era * 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shifted = (5 * dayOfYear + 2) / 153
            day = dayOfYear - (153 * shifted + 2) / 5 + 1
            month = shifted < 10 ? shifted + 3 : shifted - 9
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        }
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
