public import Provisioning

/// Orders read from a file, CSV or JSON: all of them or, with every problem named by its line, none.
///
/// The columns of a CSV file and the members of a JSON object have the same names (see ``fields``). A CSV file begins with
/// a header; a JSON file is a list of objects, or an object with the list under `orders`.
public struct OrderImport: Sendable {
    /// A column, or member: its name, whether an order must have it, what stands there.
    public struct Field: Sendable {
        public let name: String
        public let isRequired: Bool
        public let example: String
    }

    /// Every field, in the order of the template.
    public static let fields: [Field] = [
        Field(name: "product_key", isRequired: true, example: "a1Tq7Wn2Xe0"),
        Field(name: "release", isRequired: true, example: "1.0.0"),
        Field(name: "profile", isRequired: true, example: "esp32c3"),
        Field(name: "quota", isRequired: true, example: "500"),
        Field(name: "mode", isRequired: false, example: "pre-registered"),
        Field(name: "activation", isRequired: false, example: "board"),
        Field(name: "window", isRequired: false, example: "2026-11-25T08:00:00Z/2026-11-28T20:00:00Z"),
        Field(name: "allow", isRequired: false, example: "oui:6055F9"),
        Field(name: "label_scan", isRequired: false, example: "false"),
        Field(name: "first_article", isRequired: false, example: "true"),
        Field(name: "stop_on_repetition", isRequired: false, example: "true"),
        Field(name: "run_limit", isRequired: false, example: "3"),
        Field(name: "step_retries", isRequired: false, example: "1"),
        Field(name: "offline_boards", isRequired: false, example: "50"),
        Field(name: "offline_minutes", isRequired: false, example: "120"),
    ]

    /// Orders that one file may have.
    public static let largest = 1000

    /// One problem of a file and where it is.
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// From 1.
        public let line: Int
        /// From 1: the character at which the value begins; nil where the line as a whole is wrong.
        public let column: Int?
        /// nil where the line as a whole is wrong.
        public let field: String?
        public let zh: String
        public let en: String

        public var description: String {
            let place = "line \(line)" + (column.map { ", column \($0)" } ?? "")
            return field.map { "\(place) (\($0)): \(en)" } ?? "\(place): \(en)"
        }

        /// As the API shows it; what was received may be long.
        public var json: JSONValue {
            [
                "line": .init(line), "column": .init(column), "field": .init(field.map { String($0.prefix(100)) }),
                "zh": .string(String(zh.prefix(1000))), "en": .string(String(en.prefix(1000))),
            ]
        }
    }

    /// Why nothing was imported.
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        /// By line and column.
        public let problems: [Problem]

        init(_ problems: [Problem]) {
            self.problems = problems.sorted { ($0.line, $0.column ?? 0) < ($1.line, $1.column ?? 0) }
        }

        public var description: String {
            let shown = problems.prefix(100).map(\.description).joined(separator: "\n")
            return problems.count > 100 ? "\(shown)\nand \(problems.count - 100) more" : shown
        }
    }

    /// Where the values of one order stand.
    struct Place: Sendable {
        var line: Int
        var fields: [String: (line: Int, column: Int)] = [:]

        func problem(_ field: String?, zh: String, en: String) -> Problem {
            let found = field.flatMap { fields[$0] }
            return Problem(line: found?.line ?? line, column: found?.column, field: field, zh: zh, en: en)
        }

        func problem(_ problem: OrderProblem) -> Problem {
            self.problem(problem.field, zh: problem.zh, en: problem.en)
        }
    }

    /// The orders in which nothing is wrong, with their places.
    let orders: [(order: NewOrder, place: Place)]
    /// Everything that is wrong.
    let problems: [Problem]

    /// Reads a file's text.
    init(_ text: String, profiles: [String: BoardProfile]) {
        let bare = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        let start = bare.first { !$0.isWhitespace }
        let found = start == "{" || start == "[" ? Self.readJSON(bare) : Self.readCSV(bare)
        var (orders, problems): ([(NewOrder, Place)], [Problem]) = ([], found.problems)
        for entry in found.entries {
            let read = entry.draft.read(profiles)
            // What could not be read at all is not judged besides.
            let judged = read.problems.filter { problem in !entry.problems.contains { $0.field == problem.field } }
            problems += entry.problems + judged.map(entry.place.problem)
            if let order = read.order, entry.problems.isEmpty { orders.append((order, entry.place)) }
        }
        if found.entries.isEmpty, problems.isEmpty {
            problems.append(Problem(line: 1, column: nil, field: nil, zh: "文件里没有工单", en: "the file has no order"))
        }
        if found.entries.count > Self.largest {
            let (count, limit) = (found.entries.count, Self.largest)
            problems.append(
                Problem(
                    line: found.entries[limit].place.line, column: nil, field: nil, zh: "共 \(count) 个工单，最多 \(limit) 个",
                    en: "\(count) orders, at most \(limit) in one file"))
        }
        (self.orders, self.problems) = (orders, problems)
    }

    /// One order of a file as it was written, and what could not be read of it.
    struct Entry {
        let draft: StationCommand.OrderDraft
        let place: Place
        let problems: [Problem]
    }

    /// What a file holds: its entries, and what is wrong besides them.
    typealias Content = (entries: [Entry], problems: [Problem])

    /// Makes a draft out of values by field; a text stands for every kind of value.
    static func entry(_ values: [String: JSONValue], _ place: Place) -> Entry {
        var problems: [Problem] = []
        func text(_ field: String) -> String? {
            switch values[field] ?? .null {
            case .null: return nil
            case .string(let text): return text.isEmpty ? nil : text
            case let other:
                problems.append(
                    place.problem(field, zh: "收到 \(other.text)，应为文本", en: "received \(other.text), expected a text"))
                return nil
            }
        }
        func number(_ field: String) -> Int? {
            switch values[field] ?? .null {
            case .null, .string(""): return nil
            case .int(let number): return Int(exactly: number)
            case .string(let text) where Int(text) != nil: return Int(text)
            case let other:
                let received = other.string.map { "\"\($0)\"" } ?? other.text
                problems.append(
                    place.problem(field, zh: "收到 \(received)，应为整数", en: "received \(received), expected a whole number")
                )
                return nil
            }
        }
        func flag(_ field: String, _ standard: Bool) -> Bool {
            switch values[field] ?? .null {
            case .null, .string(""): return standard
            case .bool(let flag): return flag
            case .string(let text) where ["true", "yes", "1"].contains(text.lowercased()): return true
            case .string(let text) where ["false", "no", "0"].contains(text.lowercased()): return false
            case let other:
                let received = other.string.map { "\"\($0)\"" } ?? other.text
                problems.append(
                    place.problem(
                        field, zh: "收到 \(received)，应为 true 或 false", en: "received \(received), expected true or false")
                )
                return standard
            }
        }
        for field in fields where field.isRequired && [nil, .null, .string("")].contains(values[field.name]) {
            problems.append(place.problem(field.name, zh: "缺少", en: "is missing"))
        }
        let draft = StationCommand.OrderDraft(
            productKey: text("product_key") ?? "", release: text("release") ?? "", profile: text("profile") ?? "",
            quota: number("quota") ?? 0, mode: text("mode") ?? RegistrationMode.preRegistered.rawValue,
            activation: text("activation") ?? "board", window: text("window"),
            labelScan: flag("label_scan", false), firstArticle: flag("first_article", true),
            stopOnRepetition: flag("stop_on_repetition", true), allow: text("allow"), runLimit: number("run_limit"),
            stepRetries: number("step_retries"), offlineBoards: number("offline_boards"),
            offlineMinutes: number("offline_minutes"))
        return Entry(draft: draft, place: place, problems: problems)
    }

    static func unknown(_ field: String, _ place: Place) -> Problem {
        let names = fields.map(\.name).joined(separator: ", ")
        return place.problem(field, zh: "没有这一项；可用：\(names)", en: "is unknown; expected one of \(names)")
    }
}
