/// The text of a label with places to fill in, such as `{device_name}`: ZPL, or whatever the printer's command takes.
public struct LabelTemplate: Hashable, Sendable {
    /// What can be filled in.
    public enum Field: String, Sendable, CaseIterable {
        case deviceName = "device_name"
        case identity
        /// The board's place in its order, six digits.
        case serial
        case order
        case productKey = "product_key"
        case release
        case profile
        case slot
        case station
        /// Day of the printing, UTC, `2026-11-26`.
        case date
        /// 1 for the first print of the unit's label.
        case copy
    }

    /// What is wrong with a template, or with a value for it.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    private enum Part: Hashable {
        case text(String)
        case field(Field)
    }

    private let parts: [Part]

    /// - Throws: ``Problem`` for a place that cannot be filled in, and for a text without any.
    public init(_ text: String) throws(Problem) {
        var (parts, rest): ([Part], Substring) = ([], text[...])
        while let open = rest.firstIndex(of: "{") {
            let known = Field.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw Problem(description: "a { without its }; known places: \(known)")
            }
            let name = String(rest[rest.index(after: open)..<close])
            guard let field = Field(rawValue: name) else {
                throw Problem(description: "{\(name.prefix(40))} is not known; known places: \(known)")
            }
            parts += [.text(String(rest[..<open])), .field(field)]
            rest = rest[rest.index(after: close)...]
        }
        guard !parts.isEmpty else {
            throw Problem(description: "nothing is filled in: every label would be the same; expected {device_name}")
        }
        self.parts = parts + [.text(String(rest))]
    }

    /// Whether a unit is told from every other by this text.
    public var isUnique: Bool { parts.contains(.field(.deviceName)) || parts.contains(.field(.identity)) }

    /// Fills in the places.
    /// - Throws: ``Problem`` for a value that a printer could take for a command.
    func filled(_ values: [Field: String]) throws(Problem) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let fixed): text += fixed
            case .field(let field):
                let value = values[field] ?? ""
                // ^ and ~ begin ZPL's commands.
                guard
                    value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0 != "^" && $0 != "~" })
                else {
                    throw Problem(
                        description:
                            "{\(field.rawValue)} would be \"\(value.filter { $0.isLetter || $0.isNumber })\" with "
                            + "control characters, ^ or ~, which a label printer takes for commands")
                }
                text += value
            }
        }
        return text
    }
}
