extension UTCTime {
    /// Reads an HTTP `Date` header (IMF-fixdate, RFC 9110 section 5.6.7: `Mon, 23 Nov 2026 07:31:36 GMT`).
    /// - Returns: milliseconds since 1970-01-01T00:00:00Z; nil for any other text.
    public static func httpDate(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", words[1].count == 2, words[3].count == 4,
            let month = months.firstIndex(of: words[2])
        else { return nil }
        return milliseconds("\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z")
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
