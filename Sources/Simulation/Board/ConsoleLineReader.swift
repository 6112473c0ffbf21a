/// Cuts the bytes a UART receives into command lines, as the driver below a firmware's console does.
///
/// A line ends with CR, LF or CR LF; empty lines are dropped, so CR LF ends one line and not two. A line of more than
/// ``limit`` bytes is reported once, when the byte after the limit comes, and the rest of it is dropped.
struct ConsoleLineReader: Sendable {
    /// The longest line in bytes, without its end.
    static let limit = 512

    enum Item: Hashable, Sendable {
        case line([UInt8])
        case tooLong
    }

    private var line: [UInt8] = []
    private var isDropping = false

    /// Takes the next bytes, cut anywhere.
    mutating func push(_ bytes: [UInt8]) -> [Item] {
        var items: [Item] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
                if !line.isEmpty { items.append(.line(line)) }
                line = []
                isDropping = false
            } else if isDropping {
                continue
            } else if line.count == Self.limit {
                items.append(.tooLong)
                line = []
                isDropping = true
            } else {
                line.append(byte)
            }
        }
        return items
    }
}
