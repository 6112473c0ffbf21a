/// What a board's console showed, and how it was judged.
public struct ConsoleReading: Sendable, Equatable {
    /// A line that a pattern fits.
    public struct Match: Sendable, Equatable {
        /// The pattern's name in the board profile.
        public let pattern: String
        public let line: String
        /// The named captures, such as `firmware`.
        public let captures: [String: String]
    }

    public enum Verdict: Sendable, Equatable {
        case ready(Match)
        case failure(Match)
        /// Lines came, none that a pattern fits, until the deadline.
        case noMatch
        /// Nothing came until the deadline: no power, no console, or blank flash without a boot log.
        case silent
    }

    public var verdict: Verdict
    /// The last 500 lines, in order.
    public var lines: [String]
}

/// Takes in console bytes until a pattern fits. Expressions are compiled once, when it is made.
struct ConsoleReader {
    private let ready: [(name: String, expression: Regex<AnyRegexOutput>)]
    private let failure: [(name: String, expression: Regex<AnyRegexOutput>)]
    private let onLine: (String) -> Void
    private var splitter = ConsoleLines()
    private(set) var lines: [String] = []
    private(set) var verdict: ConsoleReading.Verdict?

    init(_ patterns: ConsolePatterns, onLine: @escaping (String) -> Void) throws(ConsolePatternError) {
        func compile(
            _ list: [ConsolePatterns.Pattern]
        ) throws(ConsolePatternError) -> [(name: String, expression: Regex<AnyRegexOutput>)] {
            var compiled: [(name: String, expression: Regex<AnyRegexOutput>)] = []
            for pattern in list { compiled.append((pattern.name, try ConsolePatterns.compile(pattern))) }
            return compiled
        }
        ready = try compile(patterns.ready)
        failure = try compile(patterns.failure)
        self.onLine = onLine
    }

    mutating func push(_ bytes: [UInt8]) {
        for line in splitter.push(bytes) { take(line) }
    }

    /// Ends the reading at its deadline: the unfinished line counts as one.
    mutating func finish() -> ConsoleReading {
        if let line = splitter.flush() { take(line) }
        return ConsoleReading(verdict: verdict ?? (lines.isEmpty ? .silent : .noMatch), lines: lines)
    }

    private mutating func take(_ line: String) {
        lines.append(line)
        if lines.count > 500 { lines.removeFirst() }
        onLine(line)
        guard verdict == nil else { return }
        if let match = Self.match(line, failure) {
            verdict = .failure(match)
        } else if let match = Self.match(line, ready) {
            verdict = .ready(match)
        }
    }

    private static func match(
        _ line: String, _ patterns: [(name: String, expression: Regex<AnyRegexOutput>)]
    ) -> ConsoleReading.Match? {
        for (name, expression) in patterns {
            guard let found = line.firstMatch(of: expression) else { continue }
            var captures: [String: String] = [:]
            for capture in found.output {
                if let name = capture.name, let text = capture.substring { captures[name] = String(text) }
            }
            return ConsoleReading.Match(pattern: name, line: line, captures: captures)
        }
        return nil
    }
}
