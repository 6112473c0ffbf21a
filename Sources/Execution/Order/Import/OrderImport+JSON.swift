import Provisioning

extension OrderImport {
    /// A file to begin with: a list of one order.
    public static var templateJSON: String {
        let members = fields.map { field -> String in
            let isBare = Int(field.example) != nil || ["true", "false"].contains(field.example)
            return "    \"\(field.name)\": " + (isBare ? field.example : "\"\(field.example)\"")
        }
        return "[\n  {\n" + members.joined(separator: ",\n") + "\n  }\n]\n"
    }

    /// Reads JSON: a list of objects, or an object with the list under `orders`.
    static func readJSON(_ text: String) -> Content {
        let value: JSONValue
        do { value = try JSONValue(parsing: text) } catch {
            let line = JSONPlaces.firstFault(in: text)
            return (
                [],
                [
                    Problem(line: line, column: nil, field: nil, zh: "不是有效的 JSON", en: "is not JSON without fractions")
                ]
            )
        }
        guard let values = value.array ?? value["orders"].array else {
            return (
                [],
                [
                    Problem(line: 1, column: nil, field: nil, zh: "应为工单的列表", en: "expected a list of orders")
                ]
            )
        }
        let places = JSONPlaces(text, isWrapped: value.array == nil).entries
        var (entries, problems): ([Entry], [Problem]) = ([], [])
        for (index, entry) in values.enumerated() {
            let place = index < places.count ? places[index] : Place(line: 1)
            guard var members = entry.object else {
                problems.append(place.problem(nil, zh: "应为一个对象", en: "expected an object, received \(entry.text)"))
                continue
            }
            problems += members.keys.sorted().filter { key in !fields.contains { $0.name == key } }
                .map { unknown($0, place) }
            // A list may stand as a list.
            if let listed = members["allow"]?.array {
                members["allow"] = .string("list:" + listed.compactMap(\.string).joined(separator: " "))
            }
            entries.append(Self.entry(members, place))
        }
        return (entries, problems)
    }
}

/// Where the objects of a list, and their members, stand in a JSON text that is known to be well formed.
struct JSONPlaces {
    private(set) var entries: [OrderImport.Place] = []

    /// - Parameter isWrapped: whether the list stands in an object, under `orders`.
    init(_ text: String, isWrapped: Bool) {
        var (line, column, depth) = (1, 0, 0)
        let level = isWrapped ? 2 : 1
        var (string, isInString, isEscaped) = ("", false, false)
        var (start, wrapper) = ((line: 1, column: 1), "")
        for character in text {
            if character.isNewline { (line, column) = (line + 1, 0) } else { column += 1 }
            if isInString {
                switch character {
                case _ where isEscaped:
                    isEscaped = false
                    string.append(character)
                case "\\": isEscaped = true
                case "\"": isInString = false
                default: string.append(character)
                }
                continue
            }
            switch character {
            case "\"": (isInString, string, start) = (true, "", (line, column))
            case ":" where isWrapped && depth == 1: wrapper = string
            case ":" where depth == level + 1 && isListed(isWrapped, wrapper):
                entries[entries.count - 1].fields[string] = start
            case "{", "[":
                if depth == level, isListed(isWrapped, wrapper) { entries.append(.init(line: line)) }
                depth += 1
            case "}", "]": depth -= 1
            case _ where depth == level && character != "," && !character.isWhitespace && isListed(isWrapped, wrapper):
                // An entry that is no object: each of its characters would count.
                if entries.last?.line != line { entries.append(.init(line: line)) }
            default: break
            }
        }
    }

    private func isListed(_ isWrapped: Bool, _ wrapper: String) -> Bool { !isWrapped || wrapper == "orders" }

    /// The line up to which a text could be JSON, as far as its brackets tell; its last line where they do not.
    static func firstFault(in text: String) -> Int {
        var (line, open, isInString, isEscaped) = (1, [Character](), false, false)
        for character in text {
            if character.isNewline {
                if isInString { return line }
                line += 1
            }
            if isInString {
                (isInString, isEscaped) = (character != "\"" || isEscaped, character == "\\" && !isEscaped)
                continue
            }
            switch character {
            case "\"": isInString = true
            case "{", "[": open.append(character)
            case "}": if open.popLast() != "{" { return line }
            case "]": if open.popLast() != "[" { return line }
            default: break
            }
        }
        return line
    }
}
