import Journal
import Provisioning

/// Which boards come, what is wrong with them, and where they go afterwards.
extension Month {
    /// Failures of boards as they come in a plant, with their weights.
    private static let failures: [(step: Step, code: FailureCode, weight: Int)] = [
        (.identify, .noResponse, 10), (.identify, .noise, 4), (.identify, .badIdentity, 2), (.flash, .loaderLost, 8),
        (.flash, .blockWrite, 9), (.flash, .removedAtFlash, 5), (.flash, .identityChanged, 1),
        (.flash, .slotStopping, 2), (.verify, .digestMismatch, 12), (.boot, .notReady, 14), (.boot, .panic, 4),
        (.boot, .wrongVersion, 2), (.boot, .identityAfterBoot, 1), (.boot, .removedAtBoot, 3),
        (.activate, .notActivated, 20), (.activate, .boardRefused, 6), (.activate, .deviceDisabled, 1),
        (.activate, .removedAtActivate, 3), (.activate, .slotStopping, 2),
    ]

    /// How the board's next run is to fail; nil = it is not.
    mutating func fate(of board: Int, on slot: Int, order: WorkOrder.Terms) -> MonthRun.Fate? {
        guard chance(boards[board].attempts <= 1 ? 420 : 2200) else { return nil }
        // One socket of each line is worn.
        if slot % 4 == 2, chance(2000) { return MonthRun.Fate(step: .verify, code: .digestMismatch) }
        var place = Int.random(in: 0..<Self.failures.reduce(0) { $0 + $1.weight }, using: &random)
        for failure in Self.failures {
            if place < failure.weight { return MonthRun.Fate(step: failure.step, code: failure.code) }
            place -= failure.weight
        }
        return nil
    }

    /// Now and then a board lies in the wrong tray: one that is good already, a clone, one with another's number.
    mutating func stray(for line: Int) -> Int? {
        guard chance(60 * Int(min(rarity, 3))), let seen = lines[line].good.randomElement(using: &random),
            boards[seen].slot == nil
        else {
            return nil
        }
        let board = boards[seen]
        switch pick(0...9) {
        case 0...3: return seen
        case 4, 5: return newBoard(line, mac: board.mac)
        case 6: return newBoard(line, uid: board.uid)
        case 7: return newBoard(line, mac: board.mac + 2)
        default:
            // Seen on two slots at once: only where the other one is being written for a while yet.
            let running = slots.first { slot in
                guard slot.line == line, let run = slot.run, case .written = run.phase else { return false }
                return slot.next > now + 8_000
            }
            guard let run = running?.run else { return seen }
            return newBoard(line, mac: boards[run.board].mac, uid: boards[run.board].uid)
        }
    }

    /// Where a board goes after its run.
    mutating func settle(_ run: MonthRun) async throws {
        let line = boards[run.board].line
        guard let id = boards[run.board].unit, let unit = try await journal.unit(id) else {
            // A board that came to no unit: it comes again, unless it is not of the order.
            if boards[run.board].isFresh { comeBack(run.board, in: 5...40) }
            return
        }
        boards[run.board].state = unit.state
        if run.unit == nil, run.failure?.code != .runLimit { return }
        try await judgeSamples(run)
        switch unit.state {
        case .passed, .done:
            lines[line].remember(run.board, &random)
            plan(good: run.board)
        case .failed:
            if chance(400 + 100 * Int(rarity)) {
                agenda.append(
                    (now + Self.minutes(pick(10...300)), chance(3000) ? .replace(run.board) : .scrap(run.board)))
            } else {
                comeBack(run.board, in: 3...40)
            }
        case .held: plan(held: run.board)
        case .awaitingActivation:
            let end = outages.first { $0.contains(now) }?.upperBound ?? now
            boards[run.board].ready = end
            comeBack(run.board, in: 1...20)
        case .claimed, .scrapped, .replaced: break
        }
    }

    mutating func comeBack(_ board: Int, in range: ClosedRange<Int64>) {
        boards[board].ready = max(now, boards[board].ready) + Self.minutes(pick(range))
        lines[boards[board].line].returns.append(board)
    }

    /// What a failed sample has put on hold goes to the leader.
    private mutating func judgeSamples(_ run: MonthRun) async throws {
        guard run.failure != nil, let unit = run.unit,
            let place = lines[boards[run.board].line].orders.firstIndex(
                where: { $0.id == unit.order }),
            case .sample = lines[boards[run.board].line].orders[place].terms.activation,
            !lines[boards[run.board].line].orders[place].activatesAll,
            try await journal.order(unit.order)?.activatesAll == true
        else { return }
        lines[boards[run.board].line].orders[place].activatesAll = true
        for board in boards.indices where boards[board].order == unit.order && boards[board].state == .done {
            guard let id = boards[board].unit, try await journal.unit(id)?.state == .held else { continue }
            boards[board].state = .held
            agenda.append((now + Self.minutes(pick(20...400)), .release(board)))
        }
    }
}
