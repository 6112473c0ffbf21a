import Provisioning

/// JSON for people and for line-wise comparison: one value has one text, members of the outer two levels stand on lines of
/// their own, everything deeper on one.
enum JSONLines {
    static func text(_ value: JSONValue) -> String {
        var out = ""
        write(value, depth: 0, to: &out)
        return out + "\n"
    }

    private static func write(_ value: JSONValue, depth: Int, to out: inout String) {
        let inner = String(repeating: "  ", count: depth + 1)
        let outer = String(repeating: "  ", count: depth)
        switch value {
        case .object(let members) where depth < 2 && !members.isEmpty:
            out += "{\n"
            let keys = members.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for (index, key) in keys.enumerated() {
                out += inner + JSONValue.string(key).text + ": "
                write(members[key] ?? .null, depth: depth + 1, to: &out)
                out += index + 1 < keys.count ? ",\n" : "\n"
            }
            out += outer + "}"
        case .array(let values) where depth < 2 && !values.isEmpty:
            out += "[\n"
            for (index, value) in values.enumerated() {
                out += inner
                write(value, depth: 2, to: &out)
                out += index + 1 < values.count ? ",\n" : "\n"
            }
            out += outer + "]"
        default: out += value.text
        }
    }
}
