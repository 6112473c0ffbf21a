import Bench
import Foundation
import TOMLKit

/// A value of a TOML file, free of the parser that read it.
enum ConfigurationValue: Equatable, Sendable {
    case string(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    /// A date, a time or both, as text: no key of ours takes one.
    case moment(String)
    case array([ConfigurationValue])
    case table([String: ConfigurationValue])

    /// Reads a TOML document as a table.
    /// - Throws: ``ConfigurationError`` with one problem that names line and column.
    static func table(fromTOML text: String, file: String) throws(ConfigurationError) -> [String: ConfigurationValue] {
        // The parser takes C strings: it would silently stop at a NUL.
        if let position = text.utf8.firstIndex(of: 0) {
            let line = text.utf8[..<position].count { $0 == UInt8(ascii: "\n") } + 1
            throw problem("line \(line): a NUL byte, which TOML does not allow", in: file)
        }
        if let place = TOMLText.brokenHeader(text) {
            throw problem(
                "line \(place.line), column \(place.column): no table's header: expected [name] or [[name]], names of "
                    + "A-Z a-z 0-9 - _ or in quotes, dots between them", in: file)
        }
        do {
            return fields(of: try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw problem("line \(place.line), column \(place.column): \(error.description)", in: file)
        } catch {
            throw problem("\(error)", in: file)
        }
    }

    /// What kind of value this is, with its article, for a sentence.
    var kind: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .number: "a floating-point number"
        case .boolean: "a boolean"
        case .moment: "a date or time"
        case .array: "an array"
        case .table: "a table"
        }
    }

    /// The value as it would be written in the file; nil for arrays and tables.
    var text: String? {
        switch self {
        case .string(let text): Self.quoted(text)
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .boolean(let flag): String(flag)
        case .moment(let text): text
        case .array, .table: nil
        }
    }

    /// `text` as a TOML basic string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += "\\u" + String(format: "%04X", scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func problem(_ sentence: String, in file: String) -> ConfigurationError {
        ConfigurationError(file: file, problems: [ConfigurationProblem(key: "", value: nil, expected: sentence)])
    }

    private static func fields(of table: TOMLTable) -> [String: ConfigurationValue] {
        var fields: [String: ConfigurationValue] = [:]
        for key in table.keys {
            guard let value = table[key] else { continue }
            fields[key] = ConfigurationValue(value)
        }
        return fields
    }

    private init(_ value: any TOMLValueConvertible) {
        if let text = value.string {
            self = .string(text)
        } else if let number = value.int {
            self = .integer(number)
        } else if let number = value.double {
            self = .number(number)
        } else if let flag = value.bool {
            self = .boolean(flag)
        } else if let array = value.array {
            self = .array((0..<array.count).map { ConfigurationValue(array[$0]) })
        } else if let table = value.table {
            self = .table(Self.fields(of: table))
        } else {
            self = .moment(value.debugDescription)
        }
    }
}
