import Journal
import Provisioning

/// One run of a simulated board, between two of its events.
struct MonthRun: Sendable {
    /// What happens next.
    enum Phase: Sendable {
        case identify, claim, reset, register, erase, written, look, booted, relay, activated, conclude
    }

    /// Where and with what the run is to fail; a step that it does not come to fails nothing.
    struct Fate: Sendable {
        let step: Step
        let code: FailureCode
    }

    let number: Int64
    let board: Int
    let slot: Int
    let began: Int64
    let isNew: Bool
    var phase = Phase.identify
    var fate: Fate?
    var unit: BoardUnit?
    var admission = RunMachine.Admission.full(.skipMatching)
    var flashIntent: Int64?
    var bootIntent: Int64?
    var before: JSONValue = nil
    var after: JSONValue = nil
    var isFlashed = false
    var isReset = false
    var failure: Failure?
    /// Until when the cloud is waited for.
    var patience: Int64 = 0
    /// When the step under way began.
    var mark: Int64
    var steps: [StepRecord] = []

    init(number: Int64, board: Int, slot: Int, began: Int64, isNew: Bool) {
        (self.number, self.board, self.slot, self.began, self.isNew) = (number, board, slot, began, isNew)
        mark = began
    }

    /// Ends a step, from the last one's end or from `start` on.
    mutating func end(_ step: Step, at time: Int64, from start: Int64? = nil, result: String = "ok") {
        let begin = start ?? mark
        steps.append(
            StepRecord(
                step: step, startMilliseconds: Int(begin - began), durationMilliseconds: Int(time - begin),
                result: result))
        mark = max(mark, time)
    }

    /// The run goes on to its conclusion with a failure of the step under way.
    mutating func fail(_ code: FailureCode, _ detail: String, in step: Step, at time: Int64, from start: Int64? = nil) {
        end(step, at: time, from: start, result: code.text)
        if failure == nil { failure = Failure(code, detail) }
        phase = .conclude
    }
}
