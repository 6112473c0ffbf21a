import Provisioning

/// What a JSON value must be: it prints itself as JSON Schema into the API's description, and checks what comes in by the
/// same words, so that the description cannot differ from what is taken.
indirect enum Schema: Sendable {
    /// - length: Unicode scalars. - pattern: a regular expression both sides know; nil = any text.
    case string(length: ClosedRange<Int>, pattern: String? = nil, example: String? = nil)
    case integer(ClosedRange<Int64>)
    case boolean
    case choice([String])
    case list(Schema, count: ClosedRange<Int>)
    case object([Field])
    /// Any keys, each with such a value.
    case map(Schema)
    case nullable(Schema)
    case null
    /// Nothing but this value.
    case constant(JSONValue)
    /// Stands once under its name and is referred to.
    case named(String, Schema)
    case anything

    /// One member of an object.
    struct Field: Sendable {
        let name: String
        let schema: Schema
        /// Whether it may be left out, which is the same as null.
        let isOptional: Bool
        let note: String

        init(_ name: String, _ schema: Schema, isOptional: Bool = false, _ note: String = "") {
            (self.name, self.schema, self.isOptional, self.note) = (name, schema, isOptional, note)
        }
    }

    /// Without control characters.
    static let oneLine = #"^[^\x00-\x1F\x7F]*$"#
    /// Text of one line up to 200 characters that is not empty.
    static let text = Schema.string(length: 1...200, pattern: oneLine)
    /// Any text in an answer.
    static let anyText = Schema.string(length: 0...10_000)
    static let count = Schema.integer(0...Int64(Int32.max))
    static let time = Schema.string(length: 20...30, pattern: #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$"#)

    // MARK: - Checking

    /// What is wrong with a value, one sentence a place; empty = nothing. No value is repeated: it may be a PIN.
    func problems(_ value: JSONValue, at place: String = "") -> [String] {
        func wrong(_ expected: String) -> [String] {
            ["\(place.isEmpty ? "the body" : place): expected \(expected), received \(value.kindName)"]
        }
        switch self {
        case .anything: return []
        case .null: return value == .null ? [] : wrong("null")
        case .constant(let only): return value == only ? [] : wrong(only.text)
        case .named(_, let schema): return schema.problems(value, at: place)
        case .nullable(let schema): return value == .null ? [] : schema.problems(value, at: place)
        case .boolean: return value.bool == nil ? wrong("true or false") : []
        case .choice(let words):
            return value.string.map(words.contains) == true ? [] : wrong("one of " + words.joined(separator: ", "))
        case .integer(let range):
            guard let number = value.int, range.contains(number) else {
                return wrong("a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return []
        case .string(let length, let pattern, let example):
            guard let text = value.string else { return wrong("a text") }
            guard length.contains(text.unicodeScalars.count) else {
                return [
                    "\(place): expected \(length.lowerBound) to \(length.upperBound) characters, received "
                        + "\(text.unicodeScalars.count)"
                ]
            }
            guard let pattern, !Self.matches(text, pattern) else { return [] }
            return ["\(place): expected \(example.map { "a text such as \($0)" } ?? "a text of the form \(pattern)")"]
        case .list(let element, let count):
            guard let values = value.array else { return wrong("a list") }
            guard count.contains(values.count) else {
                return [
                    "\(place): expected \(count.lowerBound) to \(count.upperBound) entries, received \(values.count)"
                ]
            }
            return values.enumerated().flatMap { element.problems($1, at: "\(place)[\($0)]") }
        case .map(let element):
            guard let members = value.object else { return wrong("an object") }
            return members.sorted { $0.key < $1.key }.flatMap { element.problems($1, at: Self.path(place, $0)) }
        case .object(let fields):
            guard let members = value.object else { return wrong("an object") }
            let known = fields.flatMap { field -> [String] in
                let path = Self.path(place, field.name)
                guard let member = members[field.name], !(member == .null && field.isOptional) else {
                    return field.isOptional ? [] : ["\(path) is missing"]
                }
                return field.schema.problems(member, at: path)
            }
            let names = Set(fields.map(\.name))
            let strange = members.keys.filter { !names.contains($0) }.sorted()
            return known
                + strange.prefix(5).map {
                    "\(Self.path(place, String($0.prefix(40)))) is unknown; expected "
                        + (names.isEmpty ? "no member" : names.sorted().joined(separator: ", "))
                }
        }
    }

    private static func path(_ place: String, _ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return text.firstMatch(of: expression) != nil
    }
}

extension JSONValue {
    /// What kind of value it is, for sentences.
    fileprivate var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .int: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
