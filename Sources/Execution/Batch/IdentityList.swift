public import Provisioning

/// The identities of an order that are known in advance, read from CSV: one a line, in the first column or in the one
/// whose header is `identity` or the identity's kind (`mac`, `imei`, `sn`).
///
/// All problems are named at once, with their lines; with a problem nothing is taken.
public struct IdentityList: Sendable {
    /// In the order of the lines.
    public let names: [String]

    /// What is wrong with a list.
    public struct ListError: Error, Sendable, CustomStringConvertible {
        /// One sentence a line of the list.
        public let problems: [String]

        public var description: String {
            let shown = problems.prefix(20).joined(separator: "; ")
            return problems.count > 20 ? "\(shown); and \(problems.count - 20) more" : shown
        }
    }

    /// Reads the text of a CSV file (comma or semicolon, a byte order mark and quotes are allowed).
    /// - Throws: ``ListError``.
    public init(csv text: String, profile: BoardProfile) throws(ListError) {
        var problems: [String] = []
        var names: [String] = []
        var lines: [String: Int] = [:]
        var column = 0
        var isFirst = true
        let kind = profile.identity.kind
        let bare = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        for (index, line) in bare.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let cells = Self.cells(line)
            guard cells.contains(where: { !$0.isEmpty }) else { continue }
            if isFirst {
                isFirst = false
                if let found = cells.firstIndex(where: { ["identity", kind.rawValue].contains($0.lowercased()) }) {
                    column = found
                    continue
                }
            }
            guard column < cells.count, !cells[column].isEmpty else {
                problems.append("line \(index + 1): column \(column + 1) is missing, expected a \(kind.rawValue)")
                continue
            }
            do {
                let identity = try Identity(kind: kind, value: cells[column], pattern: profile.identity.pattern)
                let name = try profile.deviceName.name(for: identity)
                if let earlier = lines[name.folded] {
                    problems.append("line \(index + 1): \(name) stands in line \(earlier) already")
                    continue
                }
                lines[name.folded] = index + 1
                names.append(name.text)
            } catch { problems.append("line \(index + 1): \(error.description)") }
        }
        if problems.isEmpty, names.isEmpty { problems.append("the list has no \(kind.rawValue)") }
        guard problems.isEmpty else { throw ListError(problems: problems) }
        self.names = names
    }

    private static func cells(_ line: Substring) -> [String] {
        line.split(omittingEmptySubsequences: false) { $0 == "," || $0 == ";" }.map { cell in
            let text = cell.drop(while: \.isWhitespace)
            let trimmed = String(String(text.reversed().drop(while: \.isWhitespace)).reversed())
            return trimmed.count >= 2 && trimmed.hasPrefix("\"") && trimmed.hasSuffix("\"")
                ? String(trimmed.dropFirst().dropLast()) : trimmed
        }
    }
}
