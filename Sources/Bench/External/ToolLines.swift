/// Splits a program's output into lines: at line feeds, and at the carriage returns and backspaces with which progress
/// bars are drawn over themselves. Escape sequences of terminals are dropped.
///
/// A line is cut after ``limit`` bytes and the rest of it dropped, so that a program without line ends needs no memory.
struct ToolLines {
    /// Bytes of a line that are kept.
    static let limit = 1024

    private var pending: [UInt8] = []
    private var escape = Escape.none

    private enum Escape { case none, begun, sequence }

    /// Takes the next bytes and returns the lines they complete; empty lines are left out.
    mutating func push(_ bytes: UnsafeRawBufferPointer) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            switch escape {
            case .begun: escape = byte == UInt8(ascii: "[") ? .sequence : .none
            case .sequence: if (0x40...0x7E).contains(byte) { escape = .none }
            case .none:
                switch byte {
                case 0x1B: escape = .begun
                case 8, 10, 13: if let line = flush() { lines.append(line) }
                default: if pending.count < Self.limit { pending.append(byte) }
                }
            }
        }
        return lines
    }

    /// Ends the unfinished line.
    mutating func flush() -> String? {
        defer { pending.removeAll(keepingCapacity: true) }
        return pending.isEmpty ? nil : ConsoleLines.printable(pending)
    }
}
