import Provisioning
import Testing

@Suite("Cells of CSV files")
struct CSVCellTests {
    @Test(
        "text that a spreadsheet would run as a formula is disarmed",
        arguments: [
            "=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", "\n=1", "＝1+1", "－1", "＠a", "-",
        ])
    func formulas(_ text: String) {
        let read = CSVReader.cells(CSVCell.text(text) + "\r\n").first?.first
        #expect(read == (text.unicodeScalars.first == "\n" ? text : "'" + text))
    }

    @Test(
        "text that a spreadsheet would read as a number, share, date or time is kept apart by a tab",
        arguments: [
            "0012", "860000000000017", "1.10", "1.4.0", "2026-11-02", "11-02", "08:00", "1E5", "12e45", "50%", ".5",
            " 7", "1/2",
        ])
    func numbers(_ text: String) {
        #expect(CSVReader.cells(CSVCell.text(text) + "\r\n") == [[text + "\t"]])
    }

    @Test(
        "other text stays as it is, quoted where it has to be",
        arguments: ["6055F9000004", "day", "2026-11-02/day", "工位，1", "a,b", "say \"x\"", "two\r\nlines", "", "–", "5#"])
    func others(_ text: String) {
        #expect(CSVReader.cells(CSVCell.text(text) + "\r\n") == [[text]])
    }

    @Test("numbers are for computing with")
    func figures() {
        #expect(CSVCell.number(-12) == "-12")
        #expect(CSVCell.number(Int64(200_000)) == "200000")
    }
}

/// Reads CSV as RFC 4180 has it.
enum CSVReader {
    static func cells(_ text: String) -> [[String]] {
        var (lines, line, cell): ([[String]], [String], String) = ([], [], "")
        var isQuoted = false
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            switch (scalar, isQuoted) {
            case ("\"", true) where scalars.first == "\"":
                cell.unicodeScalars.append("\"")
                scalars.removeFirst()
            case ("\"", _): isQuoted.toggle()
            case (",", false):
                line.append(cell)
                cell = ""
            case ("\r", false) where scalars.first == "\n":
                scalars.removeFirst()
                lines.append(line + [cell])
                (line, cell) = ([], "")
            default: cell.unicodeScalars.append(scalar)
            }
        }
        return lines
    }
}
