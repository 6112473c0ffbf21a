/// Small pieces of the AT grammar: printable lines, prefixes, fields.
public enum ATText {
    /// The line as text; nil where it holds a byte that no module prints (anything but 20h to 7Eh and TAB), which
    /// means damage.
    public static func printable(_ line: [UInt8]) -> String? {
        guard line.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 9 }) else { return nil }
        return trimmed(String(decoding: line, as: UTF8.self))
    }

    /// The name by which a command's answer begins: `+CGSN` of `AT+CGSN=1`; nil for basic commands such as `ATE0`.
    public static func prefix(ofCommand command: String) -> String? {
        let rest = command.dropFirst(2)
        guard command.uppercased().hasPrefix("AT"), let first = rest.first, "+^$*%#".contains(first) else { return nil }
        let name = rest.dropFirst().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        return name.isEmpty ? nil : String(first) + name.uppercased()
    }

    /// What follows `prefix` and its colon, without blanks around it; nil where the line has another prefix.
    public static func payload(of line: String, prefix: String) -> String? {
        guard line.hasPrefix(prefix) else { return nil }
        let rest = line.dropFirst(prefix.count)
        guard rest.first == ":" else { return nil }
        return trimmed(String(rest.dropFirst()))
    }

    /// The comma-separated fields after `prefix`, quotes taken off; a comma within quotes does not separate. nil where
    /// the line has another prefix or a quote is left open.
    public static func fields(of line: String, prefix: String) -> [String]? {
        guard let payload = payload(of: line, prefix: prefix) else { return nil }
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        for character in payload {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                fields.append(trimmed(field))
                field = ""
            default: field.append(character)
            }
        }
        guard !isQuoted else { return nil }
        fields.append(trimmed(field))
        return fields
    }

    /// The text inside one pair of quotes, or the text itself where there are none; nil for a lone quote.
    static func unquoted(_ text: String) -> String? {
        let starts = text.hasPrefix("\"")
        guard starts || text.hasSuffix("\"") else { return text }
        guard starts, text.hasSuffix("\""), text.count >= 2 else { return nil }
        let inner = text.dropFirst().dropLast()
        return inner.contains("\"") ? nil : String(inner)
    }

    /// A number as modules print it: decimal, or hexadecimal after `0x`.
    static func number(_ text: String) -> Int? {
        text.lowercased().hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }

    static func trimmed(_ text: String) -> String {
        var piece = text[...]
        while let first = piece.first, first == " " || first == "\t" { piece = piece.dropFirst() }
        while let last = piece.last, last == " " || last == "\t" { piece = piece.dropLast() }
        return String(piece)
    }
}
