/// The statements of a TOML text with their places in it, just enough to change single values and keep everything else.
///
/// Source: TOML 1.0.0. Values are skipped, not read: strings of all four kinds, and arrays and inline tables over several
/// lines. Keys are read whole; escapes in quoted keys are not, so such a key matches nothing.
struct TOMLStatements {
    enum Kind: Equatable {
        /// `[name]`.
        case table([String])
        /// `[[name]]`.
        case element([String])
        /// `key = value`.
        case pair([String])
    }

    struct Statement: Equatable {
        let kind: Kind
        /// First byte of the line.
        let lineStart: Int
        /// The value's bytes, without space around it; empty for a header.
        let value: Range<Int>
    }

    /// Why a text cannot be taken apart: the line, counted from 1.
    struct Unreadable: Error {
        let line: Int
    }

    private let bytes: [UInt8]
    private var index = 0

    static func read(_ bytes: [UInt8]) throws(Unreadable) -> [Statement] {
        var reader = TOMLStatements(bytes: bytes)
        var statements: [Statement] = []
        while let statement = try reader.next() { statements.append(statement) }
        return statements
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    // MARK: - Statements

    private mutating func next() throws(Unreadable) -> Statement? {
        while current != nil {
            let lineStart = index
            skipSpace()
            switch current {
            case nil: return nil
            case UInt8(ascii: "#"): skipLine()
            case 10, 13: index += 1
            case UInt8(ascii: "["): return try header(lineStart)
            default: return try pair(lineStart)
            }
        }
        return nil
    }

    private mutating func header(_ lineStart: Int) throws(Unreadable) -> Statement {
        index += 1
        let isElement = current == UInt8(ascii: "[")
        if isElement { index += 1 }
        let key = try key(until: UInt8(ascii: "]"))
        if isElement {
            guard current == UInt8(ascii: "]") else { throw unreadable }
            index += 1
        }
        try endLine()
        return Statement(kind: isElement ? .element(key) : .table(key), lineStart: lineStart, value: index..<index)
    }

    private mutating func pair(_ lineStart: Int) throws(Unreadable) -> Statement {
        let key = try key(until: UInt8(ascii: "="))
        skipSpace()
        let start = index
        let end = try skipValue()
        try endLine()
        return Statement(kind: .pair(key), lineStart: lineStart, value: start..<end)
    }

    /// Reads a dotted key and its end mark.
    private mutating func key(until end: UInt8) throws(Unreadable) -> [String] {
        var parts: [String] = []
        while true {
            skipSpace()
            let start = index
            switch current {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                try skipString()
                parts.append(text((start + 1)..<(index - 1)))
            default:
                while let byte = current, Self.isBare(byte) { index += 1 }
                guard index > start else { throw unreadable }
                parts.append(text(start..<index))
            }
            skipSpace()
            let mark = current
            index += 1
            if mark == end { return parts }
            guard mark == UInt8(ascii: ".") else {
                index -= 1
                throw unreadable
            }
        }
    }

    // MARK: - Values

    /// Goes past a value and returns its end; brackets may span lines.
    private mutating func skipValue() throws(Unreadable) -> Int {
        var depth = 0
        let start = index
        var end = index
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                try skipString()
                if depth == 0 { return index }
            case UInt8(ascii: "="):
                guard depth > 0 else { throw unreadable }
                index += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                index += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                guard depth >= 0 else { throw unreadable }
                index += 1
                if depth == 0 { return index }
            case UInt8(ascii: "#"):
                guard depth > 0 else { return try finish(start, end) }
                skipLine()
                continue
            case 10, 13:
                guard depth > 0 else { return try finish(start, end) }
                index += 1
                continue
            case 32, 9:
                index += 1
                continue
            default: index += 1
            }
            end = index
        }
        guard depth == 0 else { throw unreadable }
        return try finish(start, end)
    }

    private func finish(_ start: Int, _ end: Int) throws(Unreadable) -> Int {
        guard end > start else { throw unreadable }
        return end
    }

    /// Goes past a string of any kind.
    private mutating func skipString() throws(Unreadable) {
        guard let quote = current else { throw unreadable }
        let isBasic = quote == UInt8(ascii: "\"")
        let isLong = bytes[index...].starts(with: [quote, quote, quote])
        index += isLong ? 3 : 1
        while let byte = current {
            if byte == UInt8(ascii: "\\"), isBasic {
                index += 2
            } else if byte == quote, !isLong {
                index += 1
                return
            } else if isLong, bytes[index...].starts(with: [quote, quote, quote]) {
                index += 3
                // Up to two quotes may stand just before the closing ones.
                for _ in 0..<2 where current == quote { index += 1 }
                return
            } else if byte == 10, !isLong {
                throw unreadable
            } else {
                index += 1
            }
        }
        throw unreadable
    }

    // MARK: - Characters

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() { while current == 32 || current == 9 { index += 1 } }

    private mutating func skipLine() { while let byte = current, byte != 10 { index += 1 } }

    /// Only space and a comment may follow a statement.
    private mutating func endLine() throws(Unreadable) {
        skipSpace()
        if current == UInt8(ascii: "#") { skipLine() }
        if current == 13 { index += 1 }
        guard current == nil || current == 10 else { throw unreadable }
        if current == 10 { index += 1 }
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private var unreadable: Unreadable { Unreadable(line: bytes.prefix(index).count { $0 == 10 } + 1) }
}
