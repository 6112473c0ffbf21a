import Foundation
import Locking
import Provisioning

/// How the MES answers, over both of its calls: the last trouble of either counts until that one is answered again.
final class MESHealth: Sendable {
    private struct State {
        var hasAnswered = false
        var beforeRun: String?
        var afterRun: String?
    }

    private let state = Locked(State())

    func answered() {
        state.withLock { state in
            (state.hasAnswered, state.beforeRun) = (true, nil)
        }
    }

    func failed(_ trouble: CallTrouble) { state.withLock { $0.beforeRun = trouble.description } }

    func delivered() {
        state.withLock { state in
            (state.hasAnswered, state.afterRun) = (true, nil)
        }
    }

    /// - Parameter run: the outcome that waits, and all after it.
    func undelivered(run: Int64, _ trouble: CallTrouble) {
        state.withLock { $0.afterRun = "the outcomes from run \(run) on wait: \(trouble)" }
    }

    var reading: CallHealth {
        state.withLock { state in
            switch (state.beforeRun, state.afterRun) {
            case (let trouble?, _): CallHealth(.bad, zh: "MES：不应答", en: "MES: \(trouble)")
            case (nil, let trouble?): CallHealth(.warn, zh: "MES：结果未送达", en: "MES: \(trouble)")
            case (nil, nil) where state.hasAnswered: CallHealth(.ok, zh: "MES：正常", en: "MES: well")
            default: CallHealth(.unknown, zh: "MES：未知", en: "MES: not called yet")
            }
        }
    }
}
