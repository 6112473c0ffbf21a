import Bench
import CutPoint
import Foundation
import Locking
import Provisioning

/// Follows the loader of one run: shows progress over all regions, and ends the flash step where verifying begins.
///
/// Called on the slot's own thread, which it may hold up only for ``LineSettings/beforeStep``.
final class FlashObserver: Sendable {
    private struct Work {
        /// Bytes of each region announced and written.
        var total: [String: Int] = [:]
        var sent: [String: Int] = [:]
    }

    private let slot: String
    private let run: Int64
    private let line: LineParts
    private let clock: StepClock
    private let show: @Sendable (@Sendable (inout SlotStatus) -> Void) -> Void
    private let work = Locked(Work())

    init(
        slot: String, run: Int64, line: LineParts, clock: StepClock,
        show: @escaping @Sendable (@Sendable (inout SlotStatus) -> Void) -> Void
    ) {
        (self.slot, self.run, self.line, self.clock, self.show) = (slot, run, line, clock, show)
    }

    func take(_ event: FlashEvent) {
        line.health.take(event, slot: slot)
        switch event {
        case .writing(let region, let sent, let total):
            CutPoint.reach("write.\(region)")
            progress(region, sent, total)
        case .skipped(let region, let bytes):
            progress(region, bytes, bytes)
            tell(.flash, "\(region) is as released, skipped")
        case .erasing(let region, let bytes):
            CutPoint.reach("erase.\(region)")
            tell(.flash, "erase \(bytes) bytes for \(region)")
        case .verifying(let region):
            if !clock.isOpen(.verify), clock.isOpen(.flash) {
                clock.end(.flash)
                clock.begin(.verify)
                show { status in (status.step, status.progress) = (.verify, nil) }
                tell(.verify, "")
                hold(.verify)
            }
            CutPoint.reach("verify.\(region)")
        case .stub(let name, let sha256): tell(.flash, "stub \(name), SHA-256 \(sha256.prefix(12))…")
        case .romOnly(let reason): tell(.flash, "ROM loader: \(reason)")
        case .baud(let rate): tell(.flash, "\(rate) baud")
        case .steppedDown(let from, let to, let reason): tell(.flash, "\(from) baud failed, now \(to): \(reason)")
        case .retrying(let region, let address, let attempt, let reason):
            tell(.flash, "\(region) at 0x\(String(address, radix: 16)): attempt \(attempt): \(reason)")
        case .noModemLines: tell(.identify, "the port has no modem lines; the slot's control resets the board")
        case .verified(let region, _): CutPoint.reach("verified.\(region)")
        case .connecting, .connected, .bootText: break
        }
    }

    private func progress(_ region: String, _ sent: Int, _ total: Int) {
        let (done, all) = work.withLock { work in
            work.total[region] = total
            work.sent[region] = sent
            return (work.sent.values.reduce(0, +), work.total.values.reduce(0, +))
        }
        show { $0.progress = SlotStatus.Progress(done: done, total: all) }
    }

    private func tell(_ step: Step, _ detail: String) {
        line.events.send(.step(slot: slot, run: run, step: step, detail: detail))
    }

    /// Lets whoever asked for it act before the step, while the slot's thread waits.
    private func hold(_ step: Step) {
        guard let beforeStep = line.settings.beforeStep else { return }
        let (done, slot) = (DispatchSemaphore(value: 0), slot)
        Task {
            await beforeStep(slot, step)
            done.signal()
        }
        done.wait()
    }
}
