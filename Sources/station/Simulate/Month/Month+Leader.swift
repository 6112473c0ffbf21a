import Journal
import Provisioning

/// What people do in a month: hold, release, re-flash, reset, replace, scrap.
extension Month {
    /// One deed, with its board.
    enum Deed { case hold(Int), release(Int), scrap(Int), replace(Int), reset(Int), reflash(Int), holdOrder(Int) }

    /// What may come of a good board later.
    mutating func plan(good board: Int) {
        let later = now + Self.minutes(pick(20...2000))
        switch pick(0...9999) / rarity {
        case 0..<25: agenda.append((later, .reset(board)))
        case 25..<60: agenda.append((later, .reflash(board)))
        case 60..<75: agenda.append((later, .hold(board)))
        case 75..<78: agenda.append((later, .scrap(board)))
        case 78..<80: agenda.append((now + Self.minutes(1), .holdOrder(boards[board].line)))
        default: break
        }
    }

    mutating func plan(held board: Int) {
        let later = now + Self.minutes(pick(15...240))
        switch pick(0...99) {
        case 0..<72: agenda.append((later, .release(board)))
        case 72..<80: agenda.append((later, .reset(board)))
        case 80..<92: agenda.append((later, .scrap(board)))
        default: break
        }
    }

    mutating func perform(_ deed: Deed) async throws {
        switch deed {
        case .hold(let board): try await hold(board)
        case .release(let board): try await release(board)
        case .scrap(let board): try await scrap(board)
        case .replace(let board): try await replace(board)
        case .reset(let board): try await order(.reset, for: board)
        case .reflash(let board): try await order(.reflash, for: board)
        case .holdOrder(let line): try await holdOrder(line)
        }
    }

    /// The unit of a board that lies in no slot, in one of these states.
    private func unit(_ board: Int, in states: Set<BoardUnit.State>) async throws -> BoardUnit? {
        guard boards[board].slot == nil, let id = boards[board].unit, let unit = try await journal.unit(id),
            states.contains(unit.state)
        else { return nil }
        return unit
    }

    private mutating func hold(_ board: Int) async throws {
        guard let unit = try await unit(board, in: [.passed, .done]) else { return }
        _ = try await journal.holdUnit(deviceName: unit.deviceName.text, reason: "a scratch", actor: Self.leader)
        boards[board].state = .held
        agenda.append((now + Self.minutes(pick(10...900)), .release(board)))
    }

    private mutating func release(_ board: Int) async throws {
        guard let unit = try await unit(board, in: [.held]) else { return }
        let released = try await journal.releaseUnit(
            deviceName: unit.deviceName.text, reason: "looked at", actor: Self.leader)
        boards[board].state = released.state
        if released.state == .failed || released.state == .awaitingActivation { comeBack(board, in: 2...30) }
    }

    /// Re-flash or reset: ordered now, done when the board is placed again.
    private mutating func order(_ work: PendingWork, for board: Int) async throws {
        guard let unit = try await unit(board, in: [.passed, .done, .failed, .held]) else { return }
        let cloud = boards[board].reading(at: now, request: request())
        let ticket = try await journal.beginWorkflow(
            work.rawValue, unit: unit, reason: work == .reset ? "came back without its secret" : "new release",
            second: nil, before: cloud, actor: Self.leader)
        try await journal.concludeWorkflow(
            ticket, result: "done", outcome: WorkflowOutcome(pending: work), after: cloud, actor: Self.leader)
        boards[board].state = try await journal.unit(unit.id)?.state
        if !lines[boards[board].line].returns.contains(board) { comeBack(board, in: 2...30) }
    }

    private mutating func scrap(_ board: Int) async throws {
        guard let unit = try await unit(board, in: [.failed, .held, .passed, .done]) else { return }
        let isDestroyed = chance(6000)
        try await destroy(
            board, unit, "scrap", second: isDestroyed ? Self.engineer : nil,
            WorkflowOutcome(state: .scrapped, returnsQuota: isDestroyed))
    }

    /// Another board takes the place of one that is dead.
    private mutating func replace(_ board: Int) async throws {
        guard let unit = try await unit(board, in: [.failed, .held]) else { return }
        let line = boards[board].line
        let other = newBoard(line)
        boards[other].isFresh = true
        try await destroy(
            board, unit, "replace", second: Self.engineer,
            WorkflowOutcome(state: .replaced, returnsQuota: true, replacedBy: try boards[other].identity.value))
        comeBack(other, in: 1...15)
    }

    private mutating func destroy(
        _ board: Int, _ unit: BoardUnit, _ kind: String, second: String?, _ outcome: WorkflowOutcome
    ) async throws {
        let cloud = boards[board].reading(at: now, request: request())
        let ticket = try await journal.beginWorkflow(
            kind, unit: unit, reason: "broken", second: second, before: cloud, actor: Self.leader)
        if let iotID = unit.iotID {
            let intent = try await journal.beginIntent(
                .workflow(ticket.id), unit: unit.id, effect: .delete, key: iotID, actor: Self.leader)
            try await journal.finishIntent(
                intent, unit: unit.id, effect: .delete, isKnown: true, result: "done", actor: Self.leader)
            boards[board].device = nil
        }
        try await journal.concludeWorkflow(ticket, result: "done", outcome: outcome, after: nil, actor: Self.leader)
        boards[board].state = outcome.state
        lines[boards[board].line].returns.removeAll { $0 == board }
    }

    /// The leader stops an order for some minutes.
    private mutating func holdOrder(_ line: Int) async throws {
        guard let order = lines[line].order, now >= lines[line].heldUntil else { return }
        try await journal.changeOrder(order.id, to: .held, reason: "a look at the fixture", actor: Self.leader)
        try await journal.changeOrder(order.id, to: .open, reason: "looked at", actor: Self.leader)
        lines[line].heldUntil = now + Self.minutes(pick(3...12))
    }
}
