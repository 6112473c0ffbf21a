import TOMLKit

/// Reads one TOML table key by key and notes every wrong type, bad range and unknown key instead of stopping at the
/// first one.
///
/// TOMLKit's own decoder calls a value of the wrong type "key not found", which sends an engineer the wrong way; this
/// looks at the raw table. Values are not quoted in type complaints, since they may be secrets.
struct StrictTable {
    /// Problems found so far, shared by a document's tables.
    final class Problems {
        private(set) var sentences: [String] = []
        func add(_ sentence: String) { sentences.append(sentence) }
    }

    private let table: TOMLTable
    private let path: String
    private let problems: Problems
    private var known: Set<String> = []

    init(_ table: TOMLTable, path: String, problems: Problems) {
        (self.table, self.path, self.problems) = (table, path, problems)
    }

    /// The text of `key`; an absent or empty text of a required key is a problem.
    mutating func string(_ key: String, required: Bool = false) -> String? {
        guard let value = value(key, "text in quotes", { $0.string }) else {
            if required, table[key] == nil { problems.add("\(name(key)) is missing: text is needed") }
            return nil
        }
        if value.isEmpty {
            problems.add("\(name(key)) is empty: leave the key out or give it a value")
            return nil
        }
        return value
    }

    /// One of the texts that `Choice` knows; another one is told, since a choice is no secret.
    mutating func choice<Choice>(_ key: String, of: Choice.Type) -> Choice?
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        guard let text = string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            problems.add("\(name(key)) is \(text.prefix(64)): allowed are \(allowed)")
            return nil
        }
        return choice
    }

    mutating func bool(_ key: String) -> Bool? { value(key, "true or false") { $0.bool } }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let found = value(key, "a whole number \(range.lowerBound)…\(range.upperBound)", { $0.int }) else {
            return nil
        }
        guard range.contains(found) else {
            problems.add("\(name(key)) is \(found): allowed is \(range.lowerBound)…\(range.upperBound)")
            return nil
        }
        return found
    }

    /// A number with or without a fraction.
    mutating func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        let wanted = "a number \(range.lowerBound)…\(range.upperBound)"
        guard let found = value(key, wanted, { $0.int.map(Double.init) ?? $0.double }) else { return nil }
        guard range.contains(found) else {
            problems.add("\(name(key)) is \(found): allowed is \(range.lowerBound)…\(range.upperBound)")
            return nil
        }
        return found
    }

    /// A list of texts.
    mutating func strings(_ key: String) -> [String]? {
        guard let list = value(key, "a list of texts", { $0.array }) else { return nil }
        let texts = list.compactMap { $0.type == .string ? $0.string : nil }
        guard texts.count == list.count else {
            problems.add("\(name(key)) has an element that is no text: every element must be text in quotes")
            return nil
        }
        return texts
    }

    /// The table `[key]`; an absent one reads as empty.
    mutating func table(_ key: String) -> StrictTable {
        let found = value(key, "a table [\(key)]") { $0.table }
        return StrictTable(found ?? TOMLTable(), path: name(key), problems: problems)
    }

    /// The tables `[[key]]`, in order.
    mutating func tables(_ key: String) -> [StrictTable] {
        guard let list = value(key, "tables [[\(key)]]", { $0.array }) else { return [] }
        var tables: [StrictTable] = []
        for (index, element) in list.enumerated() {
            guard element.type == .table, let table = element.table else {
                problems.add("\(name(key))[\(index)] is no table: write [[\(key)]]")
                continue
            }
            tables.append(StrictTable(table, path: "\(name(key))[\(index)]", problems: problems))
        }
        return tables
    }

    /// Names each key that was never asked for.
    func finish() {
        for key in table.keys.sorted() where !known.contains(key) {
            problems.add("\(name(key)) is not a known key: known here are \(known.sorted().joined(separator: ", "))")
        }
    }

    private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private mutating func value<Value>(
        _ key: String, _ wanted: String, _ read: (any TOMLValueConvertible) -> Value?
    ) -> Value? {
        known.insert(key)
        guard let raw = table[key] else { return nil }
        guard let value = read(raw) else {
            problems.add("\(name(key)) has the wrong type (\(raw.type)): \(wanted) is needed")
            return nil
        }
        return value
    }
}
