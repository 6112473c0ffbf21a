public import Provisioning

/// A name on a packing list, with the lines it stands in.
public struct PackedName: Hashable, Sendable {
    /// The DeviceName, case folded.
    public let key: String
    public let name: String
    /// Counted from 1.
    public let lines: [Int]

    public init(key: String, name: String? = nil, lines: [Int]) {
        (self.key, self.name, self.lines) = (key, name ?? key, lines)
    }
}

/// What was packed: a CSV file, a plain list, or what a scanner wrote, one board a line.
///
/// In the first column, or in the one headed `device_name`, `identity`, `mac`, `imei`, `sn` or `iccid`, stands a DeviceName,
/// an identity, or a whole label text that holds one. All problems are named at once, with their lines.
public struct PackedList: Sendable {
    /// By folded name in byte order.
    public let names: [PackedName]

    /// What is wrong with a list.
    public struct ListError: Error, Sendable, CustomStringConvertible {
        /// One sentence a line of the list.
        public let problems: [String]

        public var description: String {
            let shown = problems.prefix(20).joined(separator: "; ")
            return problems.count > 20 ? "\(shown); and \(problems.count - 20) more" : shown
        }
    }

    /// Reads a list.
    /// - Parameter rule: makes DeviceNames of identities; nil = only DeviceNames are taken.
    /// - Throws: ``ListError``.
    public init(text: String, rule: DeviceNameRule?) throws(ListError) {
        var problems: [String] = []
        var found: [String: (name: String, lines: [Int])] = [:]
        var column: Int?
        let bare = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        for (index, line) in bare.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let cells = Self.cells(line)
            guard cells.contains(where: { !$0.isEmpty }) else { continue }
            if column == nil {
                let head = cells.firstIndex { Self.heads.contains($0.lowercased()) }
                column = head ?? 0
                if head != nil { continue }
            }
            let cell = column.flatMap { $0 < cells.count ? cells[$0] : nil } ?? ""
            guard !cell.isEmpty else {
                problems.append(
                    "line \(index + 1): column \((column ?? 0) + 1) is empty, expected a DeviceName or identity")
                continue
            }
            do {
                let name = try Self.name(cell, rule)
                found[name.folded, default: (name.text, [])].lines.append(index + 1)
            } catch { problems.append("line \(index + 1): \(error.description)") }
        }
        if problems.isEmpty, found.isEmpty { problems.append("the list is empty; expected one board a line") }
        guard problems.isEmpty else { throw ListError(problems: problems) }
        names = found.map { PackedName(key: $0, name: $1.name, lines: $1.lines) }.sorted {
            $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }
    }

    private static let heads: Set<String> = ["device_name", "devicename", "identity", "mac", "imei", "sn", "iccid"]

    /// An identity gives the name that the order's rule makes of it; what is none is taken as a name.
    private static func name(_ cell: String, _ rule: DeviceNameRule?) throws(IdentityError) -> DeviceName {
        if let rule, let identity = try? Identity(kind: rule.kind, value: cell),
            let name = try? rule.name(for: identity)
        {
            return name
        }
        return try DeviceName(cell)
    }

    private static func cells(_ line: Substring) -> [String] {
        line.split(omittingEmptySubsequences: false) { $0 == "," || $0 == ";" || $0 == "\t" }.map { cell in
            let text = cell.drop(while: \.isWhitespace)
            let trimmed = String(String(text.reversed().drop(while: \.isWhitespace)).reversed())
            return trimmed.count >= 2 && trimmed.hasPrefix("\"") && trimmed.hasSuffix("\"")
                ? String(trimmed.dropFirst().dropLast()) : trimmed
        }
    }
}
