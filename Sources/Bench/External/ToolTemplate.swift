/// The words with which an external program is run, with placeholders: `{tool}`, `{port}`, `{baud}` and so on.
///
/// There is no shell: each word reaches the program as it is, so nothing is expanded, piped or redirected. A template
/// that expects that, or that would put a secret into an argument list, cannot be made.
public struct ToolTemplate: Sendable, Hashable {
    /// What may stand between braces.
    public enum Placeholder: String, Sendable, CaseIterable {
        /// The program's path; always the first word, and only there.
        case tool
        /// The port as the tool names it: a device path, `socket://HOST:PORT`, or a probe's unique id.
        case port
        /// The USB port path, such as `1-1.4`.
        case portPath = "port_path"
        /// Bits a second, decimal.
        case baud
        /// Where the region starts, hexadecimal with `0x`.
        case offset
        /// The image's file, or the file that is read back into.
        case file
        /// Bytes of the image, decimal.
        case size
        /// The chip as the tool names it.
        case chip
        /// The slot's name.
        case slot
    }

    /// As configured.
    public let words: [String]
    private let parsed: [[Part]]

    private enum Part: Hashable {
        case text(String)
        case value(Placeholder)
    }

    /// Checks `words`. Two braces stand for one.
    /// - Throws: ``ToolError`` `template`, naming the word.
    public init(_ words: [String]) throws(ToolError) {
        guard words.first == "{tool}" else {
            throw ToolError(
                .template,
                "a command starts with \"\(words.first ?? "")\": expected the word {tool}, then one word for each "
                    + "argument"
            )
        }
        var parsed: [[Part]] = []
        for word in words {
            try Self.refuseShell(word)
            parsed.append(try Self.parse(word))
        }
        guard !parsed.dropFirst().contains(where: { $0.contains(.value(.tool)) }) else {
            throw ToolError(.template, "{tool} stands in an argument: expected it as the first word only")
        }
        self.words = words
        self.parsed = parsed
    }

    /// Whether the template uses `placeholder`.
    public func uses(_ placeholder: Placeholder) -> Bool {
        parsed.contains { $0.contains(.value(placeholder)) }
    }

    /// The arguments, without the program itself.
    /// - Throws: ``ToolError`` `template` where a value is missing, or could be read as more than a value.
    func arguments(_ values: [Placeholder: String]) throws(ToolError) -> [String] {
        var arguments: [String] = []
        for parts in parsed.dropFirst() {
            // A word with spaces is a script of the tool's own, in which a value must not end its command.
            let isScript = parts.contains { if case .text(let text) = $0 { text.contains(" ") } else { false } }
            var word = ""
            for part in parts {
                switch part {
                case .text(let text): word += text
                case .value(let placeholder):
                    guard let value = values[placeholder], !value.isEmpty else {
                        throw ToolError(
                            .template,
                            "the command needs {\(placeholder.rawValue)}, which this slot does not have: set it")
                    }
                    guard value.unicodeScalars.allSatisfy({ isScript ? Self.isPlain($0) : $0.value >= 0x20 }) else {
                        throw ToolError(
                            .template,
                            "the value of {\(placeholder.rawValue)} has characters that the command cannot carry")
                    }
                    word += value
                }
            }
            arguments.append(word)
        }
        return arguments
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "/", ".", "_", "-", ":", "+", ",", "@", "=": true
        default: false
        }
    }

    private static let shellWords: Set<String> = ["|", "||", "&", "&&", ";", ">", ">>", "<", "2>", "2>&1", "&>"]

    private static func refuseShell(_ word: String) throws(ToolError) {
        guard !word.isEmpty, word.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw ToolError(.template, "a word of the command is empty or has control characters")
        }
        guard !shellWords.contains(word), !word.contains("$("), !word.contains("${"), !word.contains("`") else {
            throw ToolError(
                .template, "\"\(word)\" is for a shell, and there is none: expected one word for each argument")
        }
    }

    private static func parse(_ word: String) throws(ToolError) -> [Part] {
        var parts: [Part] = []
        var text = ""
        var rest = word[...]
        while let first = rest.first {
            if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
                text.append(first)
                rest = rest.dropFirst(2)
            } else if first == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    throw ToolError(.template, "\"\(word)\" opens a brace and does not close it; {{ stands for a brace")
                }
                if !text.isEmpty { parts.append(.text(text)) }
                text = ""
                parts.append(.value(try placeholder(String(rest[rest.index(after: rest.startIndex)..<end]))))
                rest = rest[rest.index(after: end)...]
            } else if first == "}" {
                throw ToolError(.template, "\"\(word)\" closes a brace that it did not open; }} stands for a brace")
            } else {
                text.append(first)
                rest = rest.dropFirst()
            }
        }
        if !text.isEmpty { parts.append(.text(text)) }
        return parts
    }

    private static func placeholder(_ name: String) throws(ToolError) -> Placeholder {
        if let known = Placeholder(rawValue: name) { return known }
        let lower = name.lowercased()
        let secrets = ["secret", "token", "password", "passwd", "key", "cred", "sign", "psk", "pin"]
        guard !secrets.contains(where: lower.contains) else {
            throw ToolError(
                .template,
                "{\(name)} could put a secret into an argument list, which every account can read: credentials reach a "
                    + "board only inside {file}")
        }
        let known = Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
        throw ToolError(.template, "{\(name)} is not known: expected one of \(known)")
    }
}
