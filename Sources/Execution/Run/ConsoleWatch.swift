import Synchronization

/// What the board's console has shown so far: its last lines, a refusal by the cloud it reported, whether its port went.
///
/// Filled while the console is read, read while the cloud is asked.
final class ConsoleWatch: Sendable {
    private struct Seen {
        var lines: [String] = []
        var refusal: String?
        var refusals = 0
        var isLost = false
    }

    /// Lines kept for the journal.
    static let limit = 60
    private let seen = Mutex(Seen())

    func note(_ line: String) {
        seen.withLock { seen in
            seen.lines.append(line)
            if seen.lines.count > Self.limit { seen.lines.removeFirst() }
            if line.lowercased().contains("refused") {
                seen.refusal = line
                seen.refusals += 1
            }
        }
    }

    func lose() { seen.withLock { $0.isLost = true } }

    /// The last lines, oldest first.
    var lines: [String] { seen.withLock { $0.lines } }
    /// The last line in which the board says that the cloud refused it.
    var refusal: String? { seen.withLock { $0.refusal } }
    /// How many such lines there were.
    var refusals: Int { seen.withLock { $0.refusals } }
    var isLost: Bool { seen.withLock { $0.isLost } }
}
