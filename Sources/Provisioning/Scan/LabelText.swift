/// What a board's label says, once what the scanner and GS1 put around it is taken off.
///
/// Scanners may send the symbology before the content (`]d2` GS1 DataMatrix, `]C1` GS1-128, `]Q3` GS1 QR) and FNC1 as the
/// group separator 1Dh. Source: ISO/IEC 15424; GS1 General Specifications, section 3 (application identifiers) and 7.8.
public struct LabelText: Hashable, Sendable {
    /// What to look the board up by, in the order in which it is tried: the serial number, AI (21), where it has one.
    public let candidates: [String]
    /// The elements of a GS1 content by application identifier; empty where it is none.
    public let elements: [String: String]

    private static let separator: Character = "\u{1D}"
    private static let gs1Symbologies = ["]d2", "]C1", "]Q3", "]e0", "]J1"]
    /// Lengths of application identifiers whose values are not ended by a separator.
    private static let fixed = [
        "00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "11": 6, "12": 6, "13": 6, "14": 6, "15": 6, "16": 6, "17": 6,
        "18": 6, "19": 6, "20": 2, "410": 13, "411": 13, "412": 13, "413": 13, "414": 13, "415": 13, "416": 13,
        "417": 13,
    ]
    /// Greatest lengths of those that are, as far as labels of boards carry them.
    private static let variable = [
        "10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "240": 30, "241": 30, "242": 6, "243": 20, "250": 30, "251": 30,
        "400": 30, "8003": 30, "8004": 30, "8008": 12, "90": 30, "91": 90, "92": 90, "93": 90, "94": 90, "95": 90,
        "96": 90, "97": 90, "98": 90, "99": 90,
    ]

    public init(_ scanned: String) {
        var text = scanned.filter { $0 == Self.separator || !$0.isNewline }[...]
        var isGS1 = false
        if text.first == "]", text.count > 3 {
            isGS1 = Self.gs1Symbologies.contains(String(text.prefix(3)))
            text = text.dropFirst(3)
        }
        if text.first == Self.separator {
            isGS1 = true
            text = text.dropFirst()
        }
        let trimmed = text.trimmed
        let elements =
            Self.bracketed(trimmed) ?? (isGS1 ? Self.elements(trimmed) : nil) ?? [:]
        self.elements = elements
        let whole = String(trimmed.filter { $0 != Self.separator })
        candidates = ([elements["21"], elements["8004"], elements["10"]].compactMap { $0 } + [whole])
            .filter { !$0.isEmpty }
            .reduce(into: []) { found, text in if !found.contains(text) { found.append(text) } }
    }

    /// `01…21…` as it is encoded; nil where it does not parse to the end.
    private static func elements(_ text: Substring) -> [String: String]? {
        var (rest, found) = (text, [String: String]())
        while !rest.isEmpty {
            if rest.first == separator {
                rest = rest.dropFirst()
                continue
            }
            guard let (identifier, length, isFixed) = identifier(rest) else { return nil }
            rest = rest.dropFirst(identifier.count)
            let value = rest.prefix(isFixed ? length : .max).prefix { $0 != separator }
            guard !value.isEmpty, isFixed ? value.count == length : value.count <= length else { return nil }
            found[identifier] = String(value)
            rest = rest.dropFirst(value.count)
        }
        return found.isEmpty ? nil : found
    }

    /// `(01)…(21)…` as people read it; nil where it is none.
    private static func bracketed(_ text: Substring) -> [String: String]? {
        guard text.first == "(" else { return nil }
        var found: [String: String] = [:]
        for part in text.split(separator: "(") {
            let sides = part.split(separator: ")", maxSplits: 1)
            guard sides.count == 2, fixed[String(sides[0])] != nil || variable[String(sides[0])] != nil else {
                return nil
            }
            found[String(sides[0])] = String(sides[1].trimmed)
        }
        return found.isEmpty ? nil : found
    }

    private static func identifier(_ text: Substring) -> (text: String, length: Int, isFixed: Bool)? {
        for count in [2, 3, 4] {
            let identifier = String(text.prefix(count))
            guard identifier.count == count else { continue }
            if let length = fixed[identifier] { return (identifier, length, true) }
            if let length = variable[identifier] { return (identifier, length, false) }
        }
        return nil
    }
}

extension Substring {
    /// Without white space at its ends.
    fileprivate var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
    }
}
