import AliyunIoT
import Provisioning

/// Keeps every device within the platform's 5 connects a minute: a slot stays unpowered until its device may connect
/// again.
actor ConnectDesk {
    private var budget = ConnectBudget()

    /// Waits until the device may connect `count` times, and notes that it does.
    /// - Parameter onWait: told once a second what is waited for, and an empty text when it is over.
    /// - Throws: ``Failure`` with `slotStopping` where the task is cancelled.
    func admit(_ device: String, connects count: Int, onWait: @Sendable (String) async -> Void) async throws {
        var hasWaited = false
        while true {
            let wait = budget.wait(for: device, connects: count)
            guard wait > .zero else { break }
            hasWaited = true
            await onWait("\(budget.limit) connects within a minute: power on again in \(wait.components.seconds + 1) s")
            do { try await Task.sleep(for: min(wait, .seconds(1))) } catch {
                throw Failure(.slotStopping, "stopped while the device had to wait")
            }
        }
        for _ in 0..<count { budget.note(device) }
        if hasWaited { await onWait("") }
    }
}
