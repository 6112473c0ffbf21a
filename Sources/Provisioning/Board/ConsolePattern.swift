import Foundation

/// A regular expression that is searched for in one console line, compiled once.
///
/// The syntax is ICU's (`\S`, `\d`, groups, alternatives). Two patterns are equal if their texts are.
public struct ConsolePattern: Hashable, Sendable, CustomStringConvertible {
    /// The expression as written.
    public let text: String
    private let expression: NSRegularExpression

    /// Why a text is no pattern.
    public struct PatternError: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Compiles `text`.
    /// - Throws: ``PatternError`` when it is empty or no regular expression.
    public init(_ text: String) throws(PatternError) {
        guard !text.isEmpty else { throw PatternError(description: "an empty pattern fits every line") }
        do {
            expression = try NSRegularExpression(pattern: text)
        } catch {
            throw PatternError(description: "\"\(text)\" is no regular expression")
        }
        self.text = text
    }

    /// How many capture groups the expression has.
    public var captureCount: Int { expression.numberOfCaptureGroups }

    /// Whether the pattern is found anywhere in `line`.
    public func matches(_ line: String) -> Bool { firstMatch(in: line) != nil }

    /// What the first capture group took from `line`; nil if the pattern is not found or its group took no part.
    public func capture(in line: String) -> String? {
        guard let match = firstMatch(in: line), match.numberOfRanges > 1,
            let range = Range(match.range(at: 1), in: line)
        else { return nil }
        return String(line[range])
    }

    /// What each capture group took from `line`, nil for those that took no part; empty if the pattern is not found.
    public func captures(in line: String) -> [String?] {
        guard let match = firstMatch(in: line) else { return [] }
        return (1..<max(match.numberOfRanges, 1)).map { Range(match.range(at: $0), in: line).map { String(line[$0]) } }
    }

    public var description: String { text }

    public static func == (left: ConsolePattern, right: ConsolePattern) -> Bool { left.text == right.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    private func firstMatch(in line: String) -> NSTextCheckingResult? {
        expression.firstMatch(in: line, range: NSRange(line.startIndex..., in: line))
    }
}
