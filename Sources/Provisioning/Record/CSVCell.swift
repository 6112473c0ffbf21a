/// One cell of a CSV file as RFC 4180 and spreadsheets need it.
///
/// A file is UTF-8 with a byte order mark, its cells parted by commas, its lines ended by CR and LF.
public enum CSVCell {
    /// A number, which spreadsheets may compute with.
    public static func number(_ value: some BinaryInteger) -> String { String(value) }

    /// Text that a spreadsheet shows as it is.
    ///
    /// What it would run as a formula gets an apostrophe before it. What it would take for a number or a date, and so lose
    /// leading zeros, the last digits of an IMEI or the end of `1.10`, gets a tab behind it, which no spreadsheet shows.
    public static func text(_ value: String) -> String {
        var cell = value
        if let first = cell.unicodeScalars.first, formulaMarks.contains(first) {
            cell = "'" + cell
        } else if looksLikeNumber(cell) {
            cell += "\t"
        }
        guard cell.unicodeScalars.contains(where: quotedMarks.contains) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }

    /// Scalars, not characters: CR and LF together are one character.
    private static let formulaMarks = Set("=+-@\t\r＝＋－＠".unicodeScalars)
    private static let quotedMarks = Set(",;\"\r\t".unicodeScalars).union(["\n"])

    /// Whether a spreadsheet may read it as a number, a share, a date or a time.
    private static func looksLikeNumber(_ cell: String) -> Bool {
        let bytes = cell.utf8.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ".") }
        guard let first = bytes.first, (48...57).contains(first) else { return false }
        return bytes.allSatisfy { (48...57).contains($0) || " .,:/-+%eE".utf8.contains($0) }
    }
}
