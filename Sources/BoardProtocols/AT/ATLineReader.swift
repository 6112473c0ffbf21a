/// Cuts a module's bytes, which may come in any portions, into lines, prompts and counted values.
///
/// CR, LF and CR LF end a line; empty lines are dropped. A prompt `>` has no line end and is looked for only while
/// ``expectsPrompt`` is set; a counted value may hold any bytes, CR and LF included, and is looked for only while
/// ``counted`` is set. A line over ``limit`` bytes is dropped up to its end and reported by its length, so garbage
/// without line ends costs no memory. Source: V.250, section 5.7; ESP-AT "Basic AT Commands", AT+SYSFLASH, AT+SYSMFG.
public struct ATLineReader: Sendable {
    /// What the bytes amount to.
    public enum Item: Equatable, Sendable {
        /// A line without its end; never empty.
        case line([UInt8])
        /// `>` at the start of a line.
        case prompt
        /// A head such as `+SYSFLASH:16,` and exactly the bytes that it announces.
        case value(head: String, bytes: [UInt8])
        /// A line of so many bytes was too long and is dropped.
        case dropped(Int)
    }

    /// Longest line kept, in bytes.
    public static let limit = 4096

    /// The next `>` at the start of a line is a prompt. Cleared by the prompt.
    public var expectsPrompt = false
    /// Which answer with a counted value is due. Cleared by the value.
    public var counted: ATCountedAnswer?

    private var pending: [UInt8] = []
    private var dropped = 0
    private var value: (head: String, left: Int, bytes: [UInt8])?
    private var isAfterPrompt = false

    public init() {}

    /// Whether bytes are held that no line end has followed yet.
    public var hasUnfinishedLine: Bool { !pending.isEmpty || dropped > 0 || value != nil }

    /// Takes the next bytes and returns what they complete.
    public mutating func push(_ bytes: some Sequence<UInt8>) -> [Item] {
        var items: [Item] = []
        for byte in bytes { take(byte, &items) }
        return items
    }

    /// Forgets an unfinished line or value and what was expected.
    public mutating func reset() { self = ATLineReader() }

    private mutating func take(_ byte: UInt8, _ items: inout [Item]) {
        if value != nil {
            value?.bytes.append(byte)
            value?.left -= 1
            finishValue(&items)
        } else if byte == 10 || byte == 13 {
            endLine(&items)
        } else if isAfterPrompt, byte == 0x20 {
            isAfterPrompt = false
        } else if expectsPrompt, pending.isEmpty, dropped == 0, byte == UInt8(ascii: ">") {
            expectsPrompt = false
            isAfterPrompt = true
            items.append(.prompt)
        } else {
            isAfterPrompt = false
            append(byte)
            guard byte == UInt8(ascii: ","), dropped == 0, let count = counted?.count(after: pending) else { return }
            value = (String(decoding: pending, as: UTF8.self), count, [])
            pending = []
            counted = nil
            finishValue(&items)
        }
    }

    private mutating func append(_ byte: UInt8) {
        if dropped > 0 {
            dropped += 1
        } else if pending.count == Self.limit {
            dropped = pending.count + 1
            pending = []
        } else {
            pending.append(byte)
        }
    }

    private mutating func endLine(_ items: inout [Item]) {
        isAfterPrompt = false
        if dropped > 0 {
            items.append(.dropped(dropped))
            dropped = 0
        } else if !pending.isEmpty {
            items.append(.line(pending))
            pending = []
        }
    }

    private mutating func finishValue(_ items: inout [Item]) {
        guard let done = value, done.left == 0 else { return }
        items.append(.value(head: done.head, bytes: done.bytes))
        value = nil
    }
}
