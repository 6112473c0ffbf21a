/// What to look for in a board's console: patterns that mean it has come up, and patterns that mean it has not.
///
/// The texts are Swift regular expressions, checked here; named captures are handed out with a match
/// (`version (?<firmware>\S+)`).
public struct ConsolePatterns: Sendable, Equatable {
    /// A pattern and the name it has in the board profile.
    public struct Pattern: Sendable, Hashable {
        public let name: String
        public let expression: String
        public init(name: String, _ expression: String) {
            self.name = name
            self.expression = expression
        }
    }

    public let ready: [Pattern]
    public let failure: [Pattern]

    /// - Throws: ``ConsolePatternError`` naming the first expression that is none.
    public init(ready: [Pattern], failure: [Pattern] = []) throws(ConsolePatternError) {
        self.ready = ready
        self.failure = failure
        for pattern in ready + failure { _ = try Self.compile(pattern) }
    }

    static func compile(_ pattern: Pattern) throws(ConsolePatternError) -> Regex<AnyRegexOutput> {
        do {
            return try Regex(pattern.expression)
        } catch {
            throw ConsolePatternError(name: pattern.name, expression: pattern.expression)
        }
    }
}

/// A text that is no regular expression.
public struct ConsolePatternError: Error, Equatable, Sendable, CustomStringConvertible {
    public let name: String
    public let expression: String
    public var description: String { "pattern \(name) is no regular expression: \(expression)" }
}
