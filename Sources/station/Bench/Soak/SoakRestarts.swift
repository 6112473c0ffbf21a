import Foundation
import Locking

/// Ends the companions of a long run and starts them anew, in turn.
struct SoakRestarts: Sendable {
    /// From one restart to the next.
    let span: Duration
    /// Restarts so far.
    let count = Locked(0)

    init(span: Duration) { self.span = span }

    /// Keeps a companion running, until cancelled.
    /// - Parameter turn: 0 for the one that is started anew first, 1 for the other.
    func keep(_ companion: Companion, inTurn turn: Int) async throws {
        var life = span * (2 + turn)
        while !Task.isCancelled {
            let now = life
            try? FileManager.default.removeItem(atPath: companion.readyFile)
            try await companion.run { try await Task.sleep(for: now) }
            count.withLock { $0 += 1 }
            life = span * 2
        }
    }
}
