public import Provisioning

/// What a board's console showed, and how its profile judges it.
public struct ConsoleReading: Sendable, Equatable {
    public enum Verdict: Sendable, Equatable {
        /// The line that says the firmware is up.
        case ready(line: String)
        /// The first line that means failure, and the code it stands for.
        case failure(FailureCode, line: String)
        /// Lines came, none that says either, until the deadline.
        case noMatch
        /// Nothing came until the deadline: no power, no console, or blank flash without a boot log.
        case silent
    }

    public let verdict: Verdict
    /// The firmware's version, where the profile says how it is told and a line told it.
    public let version: String?
    /// The identity the firmware says, where the profile says how and a line told it.
    public let identity: String?
    /// The last 500 lines, in order.
    public let lines: [String]
}

/// Takes in console bytes until the profile's ready or error patterns fit; without a profile it only hands lines on.
struct ConsoleReader {
    private let console: BoardProfile.Console?
    private let onLine: (String) -> Void
    private(set) var splitter: ConsoleLines
    private var lines: [String] = []
    private var version: String?
    private var identity: String?
    private(set) var verdict: ConsoleReading.Verdict?

    /// - Parameter splitter: with the beginning of a line that an earlier reading left.
    init(
        _ console: BoardProfile.Console?, splitter: ConsoleLines = ConsoleLines(), onLine: @escaping (String) -> Void
    ) {
        self.console = console
        self.splitter = splitter
        self.onLine = onLine
    }

    mutating func push(_ bytes: [UInt8]) {
        for line in splitter.push(bytes) { take(line) }
    }

    /// Ends the reading. Where nothing decided it until the deadline the unfinished line counts as one.
    mutating func finish() -> ConsoleReading {
        if verdict == nil, let line = splitter.flush() { take(line) }
        return ConsoleReading(
            verdict: verdict ?? (lines.isEmpty ? .silent : .noMatch), version: version, identity: identity,
            lines: lines)
    }

    private mutating func take(_ line: String) {
        lines.append(line)
        if lines.count > 500 { lines.removeFirst() }
        onLine(line)
        guard let console, verdict == nil else { return }
        if version == nil { version = console.version?.capture(in: line) }
        if identity == nil { identity = console.identity?.capture(in: line) }
        // Only codes of the boot end a boot: what the firmware says of the cloud is judged with the cloud's help.
        if let code = console.failure(in: line), code.text.hasPrefix("BT-") {
            verdict = .failure(code, line: line)
        } else if console.ready.matches(line) {
            verdict = .ready(line: line)
        }
    }
}
