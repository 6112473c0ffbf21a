import Provisioning

extension OrderImport {
    /// A file to begin with: the header and one order.
    public static var templateCSV: String {
        let names = fields.map(\.name).joined(separator: ",")
        return names + "\n" + fields.map(\.example).joined(separator: ",") + "\n"
    }

    /// Reads CSV (RFC 4180), with commas, semicolons or tabs between the cells as the header has them.
    static func readCSV(_ text: String) -> Content {
        let head = text.prefix { !$0.isNewline }
        let separator = [",", ";", "\t"].max { one, other in
            head.count { String($0) == one } < head.count { String($0) == other }
        }
        var rows = CSVRows(text, separator: Character(separator ?? ","))
        guard let header = rows.next() else { return ([], []) }
        var (entries, problems): ([Entry], [Problem]) = ([], [])
        let names = header.cells.map { $0.text.lowercased() }
        let place = Place(
            line: header.line,
            fields: Dictionary(zip(names, header.cells.map { ($0.line, $0.column) })) { first, _ in first })
        for name in Set(names).sorted() where !fields.contains(where: { $0.name == name }) {
            problems.append(unknown(name, place))
        }
        let times = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
        for name in times.keys.sorted() where times[name] != 1 {
            problems.append(place.problem(name, zh: "这一列出现了两次", en: "stands twice in the header"))
        }
        for field in fields where field.isRequired && !names.contains(field.name) {
            problems.append(place.problem(field.name, zh: "缺少这一列", en: "this column is missing"))
        }
        guard problems.isEmpty else { return ([], problems) }
        while let row = rows.next() {
            var place = Place(line: row.line)
            var values: [String: JSONValue] = [:]
            for (name, cell) in zip(names, row.cells) {
                place.fields[name] = (cell.line, cell.column)
                values[name] = .string(cell.text)
            }
            guard row.cells.count == names.count else {
                problems.append(
                    place.problem(
                        nil, zh: "有 \(row.cells.count) 个单元格，应为 \(names.count) 个",
                        en: "\(row.cells.count) cells, expected \(names.count)"))
                continue
            }
            entries.append(entry(values, place))
        }
        if rows.endsInQuotes {
            problems.append(
                Problem(
                    line: rows.line, column: nil, field: nil, zh: "引号没有关闭", en: "a quote is opened and never closed"))
        }
        return (entries, problems)
    }
}

/// The rows of a CSV text that are not blank, each cell with its place.
struct CSVRows {
    struct Cell { var text = "", line = 1, column = 1 }

    private let separator: Character
    private var rest: Substring
    private(set) var line = 1
    /// Whether the text ended within quotes.
    private(set) var endsInQuotes = false

    init(_ text: String, separator: Character) { (rest, self.separator) = (text[...], separator) }

    mutating func next() -> (line: Int, cells: [Cell])? {
        while !rest.isEmpty {
            let row = read()
            if row.cells.contains(where: { !$0.text.isEmpty }) { return row }
        }
        return nil
    }

    private mutating func read() -> (line: Int, cells: [Cell]) {
        let first = line
        var (cells, cell, column) = ([Cell](), Cell(line: line), 1)
        var (isQuoted, wasQuoted) = (false, false)
        func ended(_ cell: Cell) -> Cell {
            var cell = cell
            if !wasQuoted {
                cell.text = String(
                    cell.text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            }
            return cell
        }
        while let character = rest.popFirst() {
            column += 1
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                rest.removeFirst()
                column += 1
                cell.text.append("\"")
            case "\"" where isQuoted: isQuoted = false
            case "\"" where cell.text.allSatisfy(\.isWhitespace):
                (isQuoted, wasQuoted, cell.text) = (true, true, "")
            case separator where !isQuoted:
                cells.append(ended(cell))
                (cell, wasQuoted) = (Cell(line: line, column: column), false)
            case _ where character.isNewline:
                line += 1
                column = 1
                guard isQuoted else { return (first, cells + [ended(cell)]) }
                cell.text.append(character)
            default: cell.text.append(character)
            }
        }
        endsInQuotes = isQuoted
        return (first, cells + [ended(cell)])
    }
}
