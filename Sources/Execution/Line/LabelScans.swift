import Locking

/// The slots that wait for the label of their board to be scanned, and what was scanned.
///
/// A label belongs to the slot whose board it names. What it should have said is never told to whoever scanned it.
public final class LabelScans: Sendable {
    /// What came of one scan.
    public enum Result: Hashable, Sendable {
        /// It names the board of this slot, which goes on.
        case matched(slot: String)
        /// It names no board that waits.
        case mismatched
        /// No slot waits for a label.
        case nobodyWaits
    }

    /// Wrong scans at one slot after which its board goes to the HOLD tray.
    static let limit = 3

    private struct Waiting {
        let id: Int
        let accepts: @Sendable (String) -> Bool
        var wrong = 0
        let answer: CheckedContinuation<Answer, Never>
    }

    /// How a wait ended.
    enum Answer: Sendable { case matched(text: String, by: String), wrong(Int), cancelled }

    private struct State {
        var next = 0
        var waiting: [String: Waiting] = [:]
    }

    private let state = Locked(State())

    init() {}

    /// Takes a scan.
    /// - Parameters:
    ///   - slot: where it was made; nil = the scanner does not know.
    ///   - actor: who scanned, for the journal.
    public func take(_ text: String, slot: String?, actor: String) -> Result {
        let (result, resumed) = state.withLock { state -> (Result, (CheckedContinuation<Answer, Never>, Answer)?) in
            // A slot that waits for no label was not meant.
            let isNamed = slot.map { state.waiting[$0] != nil } ?? false
            let candidates = isNamed ? state.waiting.filter { $0.key == slot } : state.waiting
            guard !candidates.isEmpty else { return (.nobodyWaits, nil) }
            if let (name, found) = candidates.first(where: { $0.value.accepts(text) }) {
                state.waiting[name] = nil
                return (.matched(slot: name), (found.answer, .matched(text: text, by: actor)))
            }
            // Only a label that was scanned for this slot counts against its board: others are somebody's question.
            guard isNamed, var only = candidates.first else { return (.mismatched, nil) }
            only.value.wrong += 1
            if only.value.wrong >= Self.limit {
                state.waiting[only.key] = nil
                return (.mismatched, (only.value.answer, .wrong(only.value.wrong)))
            }
            state.waiting[only.key] = only.value
            return (.mismatched, nil)
        }
        if let (answer, value) = resumed { answer.resume(returning: value) }
        return result
    }

    /// Waits until the label of the slot's board was scanned, or too many others were; a cancelled wait ends at once.
    /// - Parameter accepts: whether a text names the board.
    func wait(slot: String, accepts: @escaping @Sendable (String) -> Bool) async -> Answer {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { answer in
                let isCancelled = state.withLock { state in
                    // The task's flag is set before its cancellation handler runs, and that one needs the lock: no gap.
                    if Task.isCancelled { return true }
                    state.waiting[slot] = Waiting(id: id, accepts: accepts, answer: answer)
                    return false
                }
                if isCancelled { answer.resume(returning: .cancelled) }
            }
        } onCancel: {
            let waiting = state.withLock { state -> Waiting? in
                guard let waiting = state.waiting[slot], waiting.id == id else { return nil }
                state.waiting[slot] = nil
                return waiting
            }
            waiting?.answer.resume(returning: .cancelled)
        }
    }
}
