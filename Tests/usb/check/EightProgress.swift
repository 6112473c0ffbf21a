import Bench
import Glibc
import Locking

/// How far the eight workers are. Safe from any thread.
final class EightProgress: Sendable {
    private struct State {
        /// The most bytes that a board has been sent in one write.
        var sent: [Int: Int] = [:]
        /// Boards that are being written now.
        var writing: Set<Int> = []
        var ended: Set<Int> = []
        /// Marks read in sessions, by board of the slot.
        var marks: [Int: [String]] = [:]
        var renames: [Int: Int] = [:]
        /// Boards to which has been done what the round has in store for them.
        var disturbed: Set<Int> = []
        /// Device numbers that the kernel would give next; those below are left to `usb-board`.
        var nextNumber = 20
    }

    private let state = Locked(State())

    func note(_ event: FlashEvent, of board: Int) {
        state.withLock { state in
            guard case .writing(_, let sent, let total) = event, sent < total else {
                state.writing.remove(board)
                return
            }
            state.writing.insert(board)
            state.sent[board] = max(sent, state.sent[board] ?? 0)
        }
    }

    /// Holds a write up near its end, 20 s at most, until the board has been disturbed: none must get away.
    func wait(_ event: FlashEvent, of board: Int) {
        guard case .writing(_, let sent, let total) = event, sent >= total / 5 * 4, sent < total else { return }
        let end = ContinuousClock.now + .seconds(20)
        while !isDisturbed(board), ContinuousClock.now < end { usleep(1000) }
    }

    func disturb(_ board: Int) { state.withLock { _ = $0.disturbed.insert(board) } }
    private func isDisturbed(_ board: Int) -> Bool { state.withLock { $0.disturbed.contains(board) } }

    func note(mark: String, of board: Int) { state.withLock { $0.marks[board, default: []].append(mark) } }
    func end(_ board: Int) { state.withLock { _ = $0.ended.insert(board) } }

    /// Whether a board is being written and some write has come as far as `bytes`.
    func isWriting(_ board: Int, beyond bytes: Int) -> Bool {
        state.withLock { $0.writing.contains(board) && $0.sent[board] ?? 0 >= bytes }
    }

    /// Whether the first write has begun and the worker has not ended.
    func isUnderWay(_ board: Int) -> Bool { state.withLock { !$0.ended.contains(board) && $0.sent[board] != nil } }

    func hasEnded(_ board: Int) -> Bool { state.withLock { $0.ended.contains(board) } }
    func marks(of board: Int) -> [String] { state.withLock { $0.marks[board] ?? [] } }
    func renames(of board: Int) -> Int { state.withLock { $0.renames[board] ?? 0 } }

    /// A new device number for a board that is to re-enumerate; nil once there are none left.
    func number(for board: Int) -> Int? {
        state.withLock { state in
            guard state.nextNumber <= 127 else { return nil }
            state.renames[board, default: 0] += 1
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
    }
}
