import Provisioning

extension Report {
    /// The report as a CSV table in that language: UTF-8 with byte order mark, cells safe in spreadsheets.
    public func csv(language: Language) -> String { CSVTable(self, language: language).text }

    /// The report as JSON Lines: the head, then each figure as an object of its own. `table` says what a line is; the other
    /// members are those of ``json``.
    public var jsonl: String {
        guard var head = json.object else { return "" }
        var lines: [(String, JSONValue)] = []
        for name in ["counts", "rates"] {
            lines.append((name, head.removeValue(forKey: name) ?? .null))
        }
        for name in ["steps", "hours", "cycle", "slots"] {
            lines += (head.removeValue(forKey: name)?.array ?? []).map { (name, $0) }
        }
        let pareto = head.removeValue(forKey: "pareto") ?? .null
        for key in ParetoKey.allCases {
            lines += (pareto[key.rawValue].array ?? []).map { ("pareto", $0.adding("by", .string(key.rawValue))) }
        }
        lines += (head.removeValue(forKey: "adjustments")?.array ?? []).map { ("adjustments", $0) }
        return ([("report", .object(head))] + lines)
            .map { $0.1.adding("table", .string($0.0)).text + "\n" }.joined()
    }
}

extension JSONValue {
    /// This object with one more member.
    fileprivate func adding(_ key: String, _ value: JSONValue) -> JSONValue {
        guard var members = object else { return self }
        members[key] = value
        return .object(members)
    }
}
