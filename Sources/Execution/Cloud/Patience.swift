import AliyunIoT
import Locking
import Provisioning

/// How long trouble that is not the board's is waited out.
///
/// Throttling, outages and time-outs are the cloud's trouble: the step asks again, with growing pauses, until `limit`
/// has passed; then the unit is held, never failed.
struct Patience: Sendable {
    let limit: Duration
    /// The code a unit is held with when patience ends.
    let code: FailureCode
    /// Told what is waited for when a wait begins, and an empty text when it is over; for the slot's message.
    let onWait: @Sendable (String) async -> Void
    /// Time spent so far on calls that failed and on the waits after them.
    let trouble = TroubleClock()

    /// The time one call gets, its own repetitions included.
    var oneCall: Duration { min(limit, .seconds(10)) }

    /// Asks until an answer comes.
    /// - Throws: ``Failure`` when the cloud refuses or patience ends; what `attempt` throws that is no cloud error.
    func ask<Answer: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ attempt: () async throws -> Answer
    ) async throws -> Answer {
        let deadline = ContinuousClock.now + limit
        var pause = Duration.milliseconds(250)
        var isWaiting = false
        while true {
            let began = ContinuousClock.now
            do {
                let answer = try await attempt()
                if isWaiting { await onWait("") }
                return answer
            } catch let error as CloudError {
                if Task.isCancelled { throw Failure(.slotStopping, "stopped while the cloud was asked") }
                if let failure = error.failure(waitingAs: code) { throw failure }
                guard ContinuousClock.now + pause < deadline else {
                    throw Failure(code, "for \(limit) the cloud gave no answer; last: \(error)")
                }
                isWaiting = true
                await onWait(error.description)
                do { try await Task.sleep(for: pause) } catch {
                    throw Failure(.slotStopping, "stopped while the cloud was waited for")
                }
                pause = min(pause * 2, .seconds(5))
                trouble.add(.now - began)
            }
        }
    }
}

/// Adds up time lost to the cloud.
final class TroubleClock: Sendable {
    private let sum = Locked(Duration.zero)

    var total: Duration { sum.withLock { $0 } }
    func add(_ time: Duration) { sum.withLock { $0 += time } }
}
