/// Cuts a console's bytes into printable lines.
///
/// CR, LF and CR LF end a line; empty lines are dropped; bytes that are not UTF-8 and control characters are shown as
/// `\xHH`, so that a line can go to a log or a page as it is. A line over 1,024 bytes is cut.
public struct ConsoleLines: Sendable {
    private static let limit = 1024
    private var pending: [UInt8] = []

    public init() {}

    /// Takes the next bytes and returns the lines they complete.
    public mutating func push(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == 10 || byte == 13 {
                if let line = flush() { lines.append(line) }
            } else {
                pending.append(byte)
                if pending.count >= Self.limit, let line = flush() { lines.append(line) }
            }
        }
        return lines
    }

    /// The unfinished line, such as a prompt; nil where there is none.
    public var unfinished: String? { pending.isEmpty ? nil : Self.printable(pending) }

    /// Ends the unfinished line.
    public mutating func flush() -> String? {
        defer { pending.removeAll(keepingCapacity: true) }
        return unfinished
    }

    /// `bytes` as text with everything unprintable escaped.
    public static func printable(_ bytes: [UInt8]) -> String {
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            let width = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
            let piece = rest.prefix(width)
            if let character = String(validating: piece, as: UTF8.self), isPrintable(character, first) {
                text += character
                rest = rest.dropFirst(width)
            } else {
                let digits = String(first, radix: 16, uppercase: true)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
                rest = rest.dropFirst()
            }
        }
        return text
    }

    private static func isPrintable(_ character: String, _ first: UInt8) -> Bool {
        if first < 0x80 { return first == 9 || (0x20..<0x7F).contains(first) }
        return character.unicodeScalars.count == 1
            && character.unicodeScalars.allSatisfy { !(0x80..<0xA0).contains($0.value) }
    }
}
