import Foundation
import Locking

/// Prints one line a check and counts those that failed. Safe from any thread.
final class Ledger: Sendable {
    private let count = Locked(0)

    /// Checks that failed so far.
    var failures: Int { count.withLock { $0 } }

    /// Notes a check; `what` says what holds when all is well, with the values seen.
    func check(_ isTrue: Bool, _ what: String) {
        if !isTrue { count.withLock { $0 += 1 } }
        say((isTrue ? "ok    " : "FAIL  ") + what)
    }

    /// Prints a line at once, also into a pipe.
    func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}
