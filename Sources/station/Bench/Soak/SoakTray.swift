import Execution
import Foundation
import Locking
import Provisioning

/// The hands of a long run: a new board on a slot as soon as it is empty; what was lost with a restart is placed again.
final class SoakTray: Sendable {
    private struct State {
        var next = 1
        var again: [Int] = []
    }

    /// A slot whose board says nothing for so long gets another one.
    private static let patience = Duration.seconds(300)

    private let boards: Int
    private let flash: @Sendable (Int) -> String
    private let state = Locked(State())

    init(boards: Int, flash: @escaping @Sendable (Int) -> String) { (self.boards, self.flash) = (boards, flash) }

    /// Boards that were placed at least once.
    var placed: Int { state.withLock { $0.next - 1 } }

    private func take() -> Int? {
        state.withLock { state in
            if !state.again.isEmpty { return state.again.removeFirst() }
            guard state.next <= boards else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    /// Serves a slot until cancelled, or no board is left.
    func serve(slot: String, fixture: FixtureClient, events: AsyncStream<LineEvent>) async throws {
        var events = events.makeAsyncIterator()
        while !Task.isCancelled, let board = take() {
            // A fixture that is being started anew does not answer yet.
            while (try? await fixture.place(board)) == nil {
                try await Task.sleep(for: .milliseconds(200))
                try? await fixture.remove()
            }
            var outcome: String?
            while outcome == nil, let event = await events.next() {
                if case .concluded(slot, _, let ended, _) = event { outcome = ended.rawValue }
            }
            if outcome == "pass" {
                try? FileManager.default.removeItem(atPath: flash(board))
            } else {
                state.withLock { $0.again.append(board) }
            }
            try? await fixture.remove()
            while let event = await events.next() {
                if case .slot(let status) = event, status.slot == slot, status.word == .empty { break }
            }
        }
    }
}
