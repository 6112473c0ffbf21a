import Foundation
import Provisioning

/// Reads `[shifts]`: time zone, plan, and the shifts of a day. An absent table is not configured: the line works whenever
/// there is an order.
struct ShiftsReader {
    let calendar: ShiftCalendar?

    init(_ root: TableReader) {
        guard root.has("shifts") else {
            _ = root.table("shifts")
            calendar = nil
            return
        }
        let table = root.table("shifts")
        let zone = table.string("zone", expected: "a time zone such as \"Asia/Shanghai\"") { text in
            // An abbreviation such as CST names several zones.
            text == "UTC" || text.contains("/") ? TimeZone(identifier: text) : nil
        }
        let plan = table.integer("plan_per_hour", in: 1...100_000, isOptional: true, unit: "good boards an hour")
        let readers = table.tables("shift", count: 1...12)
        let patterns = readers.map { Self.pattern($0, plan) }
        table.finish()
        let complete = patterns.compactMap { $0 }
        Self.noteConflicts(zip(readers, patterns).compactMap { reader, pattern in pattern.map { (reader, $0) } })
        calendar =
            zone != nil && complete.count == readers.count
            ? zone.map { ShiftCalendar(zone: $0, patterns: complete) } : nil
    }

    private static func pattern(_ table: TableReader, _ plan: Int?) -> ShiftPattern? {
        let name = table.string("name", expected: "1 to 16 of A-Z a-z 0-9 - _") {
            StationConfiguration.name($0, extra: "-_", longest: 16)
        }
        let start = table.string("start", expected: "a time \"HH:MM\"") { TimeOfDay($0) }
        let end = table.string("end", expected: "a time \"HH:MM\"; at or before the start it is on the next day") {
            TimeOfDay($0)
        }
        let breaks = table.list("breaks", expected: "\"HH:MM-HH:MM\"") { ShiftPattern.Break($0) }
        let days = table.list("days", expected: Weekday.allCases.map(\.rawValue).joined(separator: ", ")) {
            Weekday(rawValue: $0)
        }
        let people = table.list("people", expected: "1 to 64 characters") { text in
            (1...64).contains(text.count) ? text : nil
        }
        let own = table.integer("plan_per_hour", in: 1...100_000, isOptional: true, unit: "good boards an hour")
        table.finish()
        guard let name, let start, let end, let breaks, let days, let people else { return nil }
        let pattern = ShiftPattern(
            name: name, start: start, end: end, days: days.isEmpty ? Set(Weekday.allCases) : Set(days), breaks: breaks,
            planPerHour: own ?? plan, people: people)
        return check(pattern, table) ? pattern : nil
    }

    /// Breaks lie within the shift, one after the other.
    private static func check(_ pattern: ShiftPattern, _ table: TableReader) -> Bool {
        let key = table.path(of: "breaks")
        var (last, isRight) = (0, true)
        for pause in pattern.breaks {
            guard let offset = pattern.offset(of: pause), offset >= last else {
                table.log.note(
                    key, ConfigurationValue.quoted(pause.description),
                    "expected breaks within \(pattern.start) to \(pattern.end), one after the other")
                isRight = false
                continue
            }
            last = offset + (pause.until.minutes - pause.from.minutes + 1440) % 1440
        }
        return isRight
    }

    private static func noteConflicts(_ shifts: [(table: TableReader, pattern: ShiftPattern)]) {
        for (index, later) in shifts.enumerated() {
            for earlier in shifts[..<index] {
                if earlier.pattern.name == later.pattern.name {
                    later.table.log.note(
                        later.table.path(of: "name"), ConfigurationValue.quoted(later.pattern.name),
                        "expected a name of its own; \(earlier.table.path) has it already")
                } else if earlier.pattern.overlaps(later.pattern) {
                    later.table.log.note(
                        later.table.path(of: "start"), ConfigurationValue.quoted(later.pattern.start.description),
                        "expected shifts apart from each other; it overlaps \(earlier.pattern.name) (\(earlier.table.path))"
                    )
                }
            }
        }
    }
}

extension ShiftCalendar {
    /// As it stands in `station.toml`.
    var lines: [String] {
        func list(_ texts: [String]) -> String {
            "[" + texts.map(ConfigurationValue.quoted).joined(separator: ", ") + "]"
        }
        var lines = ["[shifts]", "zone = " + ConfigurationValue.quoted(zone.identifier)]
        for pattern in patterns {
            lines += [
                "", "[[shifts.shift]]", "name = " + ConfigurationValue.quoted(pattern.name),
                "start = \"\(pattern.start)\"", "end = \"\(pattern.end)\"",
            ]
            if pattern.days.count < Weekday.allCases.count {
                lines.append("days = " + list(Weekday.allCases.filter(pattern.days.contains).map(\.rawValue)))
            }
            if !pattern.breaks.isEmpty { lines.append("breaks = " + list(pattern.breaks.map(\.description))) }
            if !pattern.people.isEmpty { lines.append("people = " + list(pattern.people)) }
            if let plan = pattern.planPerHour { lines.append("plan_per_hour = \(plan)") }
        }
        return lines
    }
}

extension TableReader {
    /// Takes a list of strings, each of which `accept` turns into a value; an absent one is empty.
    /// - Returns: nil where something is wrong with it.
    func list<T>(_ key: String, expected: String, _ accept: (String) -> T?) -> [T]? {
        guard let value = any(key, expected: "", isOptional: true) else { return [] }
        guard case .array(let elements) = value else {
            noteType(key, value, expected: "a list of strings, each \(expected)")
            return nil
        }
        var accepted: [T] = []
        for element in elements {
            if case .string(let text) = element, let value = accept(text) {
                accepted.append(value)
            } else {
                log.note(path(of: key), element.text, "expected \(expected)")
            }
        }
        return accepted.count == elements.count ? accepted : nil
    }
}
