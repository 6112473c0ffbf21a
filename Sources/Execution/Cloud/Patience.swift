import AliyunIoT
import Provisioning

/// How long trouble that is not the board's is waited out.
///
/// Throttling, outages and time-outs are the cloud's trouble: the step asks again, with growing pauses, until `limit`
/// has passed; then the unit is held, never failed.
struct Patience {
    let limit: Duration
    /// The code a unit is held with when patience ends.
    let code: FailureCode
    /// Told once a wait begins, for the slot's message.
    let onWait: @Sendable (String) async -> Void

    /// The time one call gets, its own repetitions included.
    var oneCall: Duration { min(limit, .seconds(10)) }

    /// Asks until an answer comes.
    /// - Throws: ``Failure`` when the cloud refuses or patience ends; what `attempt` throws that is no cloud error.
    func ask<Answer: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ attempt: () async throws -> Answer
    ) async throws -> Answer {
        let deadline = ContinuousClock.now + limit
        var pause = Duration.milliseconds(250)
        while true {
            do {
                return try await attempt()
            } catch let error as CloudError {
                if Task.isCancelled { throw Failure(.slotStopping, "stopped while the cloud was asked") }
                if let failure = error.failure(waitingAs: code) { throw failure }
                guard ContinuousClock.now + pause < deadline else {
                    throw Failure(code, "for \(limit) the cloud gave no answer; last: \(error)")
                }
                await onWait(error.description)
                do { try await Task.sleep(for: pause) } catch {
                    throw Failure(.slotStopping, "stopped while the cloud was waited for")
                }
                pause = min(pause * 2, .seconds(5))
            }
        }
    }
}
