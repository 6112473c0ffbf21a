import Journal
import Locking
import Provisioning

/// Measures the steps of one run from its start; register and flash overlap. Written from the run and, where writing
/// turns into verifying, from the slot's thread.
final class StepClock: Sendable {
    private struct State {
        var begun: [Step: ContinuousClock.Instant] = [:]
        var records: [StepRecord] = []
    }

    private let start = ContinuousClock.now
    private let state = Locked(State())

    /// The steps that have ended, in the order of their ends.
    var records: [StepRecord] { state.withLock { $0.records } }

    func isOpen(_ step: Step) -> Bool { state.withLock { $0.begun[step] != nil } }

    func begin(_ step: Step) {
        state.withLock { state in
            if state.begun[step] == nil { state.begun[step] = .now }
        }
    }

    /// Ends a step that was begun; `result` is `ok` or a failure code.
    func end(_ step: Step, result: String = "ok") {
        state.withLock { state in
            guard let began = state.begun.removeValue(forKey: step) else { return }
            state.records.append(
                StepRecord(
                    step: step, startMilliseconds: Self.milliseconds(began - start),
                    durationMilliseconds: Self.milliseconds(.now - began), result: result))
        }
    }

    private static func milliseconds(_ time: Duration) -> Int {
        Int(time.components.seconds) * 1000 + Int(time.components.attoseconds / 1_000_000_000_000_000)
    }
}
