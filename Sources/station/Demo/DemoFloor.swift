import Execution
import Foundation
import Provisioning

/// The hands of a demo: places boards on slots, takes them off, and unplugs or swaps them where a fault says so.
actor DemoFloor {
    /// One board's way through the demo.
    struct Passage: Sendable {
        let run: Int64
        let board: DemoBoard
    }

    private let fixtures: [String: FixtureClient]
    /// A board that belongs to nobody for each slot, for the fault that swaps boards.
    private let intruders: [String: Int]
    /// Told of each board that has been taken off for good.
    private let onTaken: @Sendable (DemoBoard) async throws -> Void
    private var waiting: [DemoBoard]
    /// The profile of each slot.
    private let profiles: [String: String]
    private var placed: [String: DemoBoard] = [:]
    private var done: Set<String> = []
    private(set) var passages: [Passage] = []

    init(
        boards: [DemoBoard], intruders: [String: Int], fixtures: [String: FixtureClient], profiles: [String: String],
        onTaken: @escaping @Sendable (DemoBoard) async throws -> Void
    ) {
        waiting = boards
        (self.intruders, self.fixtures, self.profiles, self.onTaken) = (intruders, fixtures, profiles, onTaken)
    }

    /// The next board that fits the slot.
    private func next(for slot: String) -> DemoBoard? {
        guard let index = waiting.firstIndex(where: { $0.profile.name == profiles[slot] }) else { return nil }
        return waiting.remove(at: index)
    }

    /// Serves one slot until no board is left.
    func serve(slot: String, events: AsyncStream<LineEvent>) async throws {
        guard let fixture = fixtures[slot] else { return }
        var events = events.makeAsyncIterator()
        while let board = next(for: slot) {
            placed[slot] = board
            try await fixture.place(board.id)
            var run: Int64?
            while run == nil, let event = await events.next() {
                if case .concluded(slot, let number, _, _) = event { run = number }
            }
            guard let run else { return }
            passages.append(Passage(run: run, board: board))
            placed[slot] = nil
            done.remove(slot)
            try? await fixture.remove()
            try await onTaken(board)
            while let event = await events.next() {
                if case .slot(let status) = event, status.slot == slot, status.word == .empty { break }
            }
        }
    }

    /// Called before each step of each run.
    func beforeStep(_ slot: String, _ step: Step) async {
        guard let board = placed[slot], let fixture = fixtures[slot], !done.contains(slot) else { return }
        switch board.fault {
        case .unplug(let at) where at == step:
            done.insert(slot)
            try? await fixture.remove()
        case .wrongBoardAfterIdentify where step == .claim:
            done.insert(slot)
            try? await fixture.remove()
            if let intruder = intruders[slot] { try? await fixture.place(intruder) }
        default: return
        }
    }
}
