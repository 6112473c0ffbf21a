import Bench
import Locking
import Provisioning

/// The health of each slot's line: retries, noise, rates that failed. Kept in `DATA/line-health.json`, so that a slot
/// starts at the rate that worked and a line that gets worse is told.
///
/// Taken from the slots' own threads; safe from any.
final class HealthDesk: Sendable {
    private let file: LineHealthFile
    private let slots: Locked<[String: LineHealth]>

    init(dataFolder: String) {
        file = LineHealthFile(path: dataFolder + "/line-health.json")
        slots = Locked(file.load())
    }

    /// The rate that worked last on a slot.
    func lastGoodBaud(_ slot: String) -> Int? { slots.withLock { $0[slot]?.lastGoodBaud } }

    func take(_ event: FlashEvent, slot: String) { slots.withLock { $0[slot, default: LineHealth()].take(event) } }

    func take(_ error: LoaderError, slot: String) { slots.withLock { $0[slot, default: LineHealth()].take(error) } }

    /// A flash has ended, at this rate where it succeeded.
    /// - Returns: what is wrong with the line, for people; nil where it is well.
    func end(slot: String, baud: Int?) -> LineHealth.Degradation? {
        let (all, degradation) = slots.withLock { slots in
            slots[slot, default: LineHealth()].endSession(baud: baud)
            return (slots, slots[slot]?.degradation)
        }
        // What cannot be kept is asked of the line anew.
        try? file.save(all)
        return degradation
    }
}
