/// The problems found so far while a file is read.
final class ProblemLog {
    private(set) var problems: [ConfigurationProblem] = []

    func note(_ key: String, _ value: String? = nil, _ expected: String) {
        problems.append(ConfigurationProblem(key: key, value: value, expected: expected))
    }
}

/// Takes values out of one table by key, and notes every problem instead of stopping at the first.
///
/// Each taking call names what is allowed; a value of the wrong type is called that, not "missing". A call answers nil
/// when it noted a problem, or when an optional key is absent. At the end ``finish()`` notes the keys nobody asked for.
final class TableReader {
    private let table: [String: ConfigurationValue]
    /// The table's own path, empty for the file.
    let path: String
    let log: ProblemLog
    private var known: [String] = []

    init(_ table: [String: ConfigurationValue], path: String = "", log: ProblemLog) {
        (self.table, self.path, self.log) = (table, path, log)
    }

    /// Every key that stands here, sorted; for tables whose keys are names.
    var keys: [String] { table.keys.sorted() }

    /// Whether anything stands at `key`.
    func has(_ key: String) -> Bool { table[key] != nil }

    /// The string at `key` where there is one, without taking it.
    func peek(_ key: String) -> String? {
        if case .string(let text)? = table[key] { text } else { nil }
    }

    /// Whether a problem was noted for `key`.
    func isRefused(_ key: String) -> Bool { log.problems.contains { $0.key == path(of: key) } }

    /// The path of `key` in this table.
    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Takes a string that `accept` turns into a value.
    /// - Parameters:
    ///   - expected: what is allowed, as it ends the sentence "expected …".
    ///   - isOptional: whether the key may be absent.
    ///   - hidesValue: whether what stands there must not be repeated in the problem.
    func string<T>(
        _ key: String, expected: String, isOptional: Bool = false, hidesValue: (String) -> Bool = { _ in false },
        _ accept: (String) -> T?
    ) -> T? {
        guard let value = take(key, expected: "a string: \(expected)", isOptional: isOptional) else { return nil }
        guard case .string(let text) = value else {
            noteType(key, value, expected: "a string: \(expected)")
            return nil
        }
        guard let accepted = accept(text) else {
            log.note(path(of: key), hidesValue(text) ? nil : value.text, "expected \(expected)")
            return nil
        }
        return accepted
    }

    /// Takes any string that is not empty.
    func text(_ key: String, expected: String, isOptional: Bool = false) -> String? {
        string(key, expected: expected, isOptional: isOptional) { $0.isEmpty ? nil : $0 }
    }

    /// Takes one of an enumeration's raw values; an absent one is `fallback`, or a problem if there is none.
    func choice<T: RawRepresentable & CaseIterable>(
        _ key: String, of type: T.Type, default fallback: T? = nil
    ) -> T? where T.RawValue == String {
        let allowed = T.allCases.map { ConfigurationValue.quoted($0.rawValue) }.joined(separator: " or ")
        guard fallback == nil || has(key) else {
            known.append(key)
            return fallback
        }
        return string(key, expected: allowed) { T(rawValue: $0) }
    }

    /// Takes an integer within `range`, of which `multiple` must be a factor. With a default it may be absent, too.
    func integer(
        _ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil, isOptional: Bool = false,
        multiple: Int = 1, unit: String = ""
    ) -> Int? {
        var expected = "\(range.lowerBound) to \(range.upperBound)\(unit.isEmpty ? "" : " \(unit)")"
        if multiple > 1 { expected += ", a multiple of \(multiple)" }
        guard isOptional || fallback != nil, !has(key) else {
            return integer(key, expected: expected) { range.contains($0) && $0 % multiple == 0 }
        }
        known.append(key)
        return fallback
    }

    /// Takes one of a few integers; nil if absent.
    func integer(_ key: String, among allowed: [Int]) -> Int? {
        guard has(key) else {
            known.append(key)
            return nil
        }
        return integer(key, expected: allowed.map(String.init).joined(separator: " or ")) { allowed.contains($0) }
    }

    private func integer(_ key: String, expected: String, _ isAllowed: (Int) -> Bool) -> Int? {
        guard let value = take(key, expected: "an integer, \(expected)", isOptional: false) else { return nil }
        guard case .integer(let number) = value else {
            noteType(key, value, expected: "an integer, \(expected)")
            return nil
        }
        guard isAllowed(number) else {
            log.note(path(of: key), value.text, "expected \(expected)")
            return nil
        }
        return number
    }

    /// Takes true or false.
    func boolean(_ key: String) -> Bool? {
        guard let value = take(key, expected: "true or false", isOptional: false) else { return nil }
        guard case .boolean(let flag) = value else {
            noteType(key, value, expected: "true or false")
            return nil
        }
        return flag
    }

    /// Takes whatever stands at `key`, for a key with values of several types.
    func any(_ key: String, expected: String, isOptional: Bool) -> ConfigurationValue? {
        take(key, expected: expected, isOptional: isOptional)
    }

    /// Takes a table; an absent one counts as empty, so that its missing keys are named one by one.
    func table(_ key: String) -> TableReader {
        guard let value = take(key, expected: "", isOptional: true) else {
            return TableReader([:], path: path(of: key), log: log)
        }
        guard case .table(let fields) = value else {
            noteType(key, value, expected: "a table, [\(path(of: key))]")
            // Its keys are not named as missing besides.
            return TableReader([:], path: path(of: key), log: ProblemLog())
        }
        return TableReader(fields, path: path(of: key), log: log)
    }

    /// Takes an array of tables, `[[key]]`.
    func tables(_ key: String, count: ClosedRange<Int>) -> [TableReader] {
        let expected = "\(count.lowerBound) to \(count.upperBound) tables [[\(path(of: key))]]"
        guard let value = take(key, expected: expected, isOptional: count.contains(0)) else { return [] }
        guard case .array(let elements) = value else {
            noteType(key, value, expected: expected)
            return []
        }
        guard count.contains(elements.count) else {
            log.note(path(of: key), nil, "expected \(expected), received \(elements.count)")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            let place = "\(path(of: key))[\(index)]"
            guard case .table(let fields) = element else {
                log.note(place, element.text, "expected a table [[\(path(of: key))]], received \(element.kind)")
                return nil
            }
            return TableReader(fields, path: place, log: log)
        }
    }

    /// Notes every key that was not asked for.
    func finish() {
        for key in table.keys.sorted() where !known.contains(key) {
            log.note(path(of: key), nil, "unknown key; allowed here: \(known.joined(separator: ", "))\(Self.hint(key))")
        }
    }

    /// What to do instead, for keys that no file of ours will ever have.
    private static func hint(_ key: String) -> String {
        func says(_ words: String...) -> Bool { words.contains { key.lowercased().contains($0) } }
        if says("secret", "password") { return "; secrets are never written in this file: use `station secret set`" }
        if says("tls", "ssl", "insecure", "certificate") {
            return "; certificates are always verified: name the authorities to trust with ca_file"
        }
        return ""
    }

    func noteType(_ key: String, _ value: ConfigurationValue, expected: String) {
        log.note(path(of: key), value.text, "expected \(expected); received \(value.kind)")
    }

    private func take(_ key: String, expected: String, isOptional: Bool) -> ConfigurationValue? {
        known.append(key)
        guard let value = table[key] else {
            if !isOptional { log.note(path(of: key), nil, "missing; expected \(expected)") }
            return nil
        }
        return value
    }
}
