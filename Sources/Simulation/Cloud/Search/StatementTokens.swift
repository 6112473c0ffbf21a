/// The words, quoted texts and marks of a statement, read from left to right.
struct StatementTokens: Sendable {
    private enum Token: Equatable, Sendable {
        case word(String)
        case text(String)
        case mark(String)
    }

    private var tokens: ArraySlice<Token> = []

    /// `nil` for a statement with a character that has no meaning in one, or a quote that is left open.
    init?(_ statement: String) {
        var rest = Substring(statement)
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first == "\"" || first == "'" {
                rest.removeFirst()
                guard let end = rest.firstIndex(of: first) else { return nil }
                tokens.append(.text(String(rest[..<end])))
                rest = rest[rest.index(after: end)...]
            } else if Self.isOfWord(first) {
                let word = rest.prefix(while: Self.isOfWord)
                tokens.append(.word(String(word)))
                rest = rest.dropFirst(word.count)
            } else if rest.hasPrefix("!=") {
                tokens.append(.mark("!="))
                rest = rest.dropFirst(2)
            } else if "=<>(),*".contains(first) {
                tokens.append(.mark(String(rest.removeFirst())))
            } else {
                return nil
            }
        }
    }

    private static func isOfWord(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_" || character == ".")
    }

    var isAtEnd: Bool { tokens.isEmpty }

    /// Takes a keyword, in either case, where it is next.
    mutating func take(word: String) -> Bool {
        guard case .word(let next) = tokens.first, next.lowercased() == word.lowercased() else { return false }
        tokens.removeFirst()
        return true
    }

    mutating func take(mark: String) -> Bool {
        guard tokens.first == .mark(mark) else { return false }
        tokens.removeFirst()
        return true
    }

    mutating func field() -> DeviceQuery.Field? {
        guard case .word(let next) = tokens.first, let field = DeviceQuery.Field(rawValue: next) else { return nil }
        tokens.removeFirst()
        return field
    }

    mutating func number() -> Int? {
        guard case .word(let next) = tokens.first, let number = Int(next) else { return nil }
        tokens.removeFirst()
        return number
    }

    mutating func text() -> String? {
        guard case .text(let next) = tokens.first else { return nil }
        tokens.removeFirst()
        return next
    }
}
