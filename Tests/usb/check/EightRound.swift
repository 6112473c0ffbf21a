import Bench

/// Eight boards, written at once by eight slots; each re-enumerates at random moments, and two change places.
///
/// The rounds differ in the pair. Each round has a bus of its own, so that no device number is used twice.
struct EightRound: Sendable {
    /// Renames of one board in a round.
    private static let mostRenames = 3
    /// Sessions that a worker starts before it gives up.
    private static let mostSessions = 12

    let bed: CheckBed
    let bus: Int
    let pair: (Int, Int)
    /// How often those two re-enumerate before. A write goes on after the first time only: with 0 it is the write that
    /// finds the other board, with 1 mostly the session after it.
    let renamesOfPair: Int
    let boards: [EightBoard]
    let progress = EightProgress()

    /// - Parameters:
    ///   - bus: the bus's number, from 1.
    ///   - pair: indexes, 0 to 7, of the two that change places: even ones speak DfuSe, odd ones DFU 1.1.
    init(_ bed: CheckBed, bus: Int, pair: (Int, Int), renamesOfPair: Int) throws {
        (self.bed, self.bus, self.pair, self.renamesOfPair) = (bed, bus, pair, renamesOfPair)
        boards = try (0..<8).map { index in
            let isMoved = index == pair.0 || index == pair.1
            let dialect: Dialect = index % 2 == 0 ? .dfuse : .dfu
            // The DfuSe boards all show one serial number: only the UID tells them apart.
            let board = try bed.board(
                dialect, at: "\(bus)-\(index + 1)", number: bus * 100 + index,
                serial: dialect == .dfuse ? SimulatedBoard.sharedSerial : nil)
            // Those that change places are written for longer, and at different places where that is possible.
            let offset = index == pair.1 && dialect == .dfuse ? 0x80000 : 0
            return EightBoard(
                board: board, offset: offset, image: CheckBed.randomBytes(isMoved ? 0x60000 : 0x40000))
        }
    }

    func run() async throws {
        for each in boards { try each.board.attach(bed.control) }
        let unrest = Task { try await disturb() }
        let results = await withTaskGroup(of: (Int, Result<Void, LoaderError>).self) { group in
            for index in boards.indices { group.addTask { (index, await work(index)) } }
            var results: [Int: Result<Void, LoaderError>] = [:]
            for await (index, result) in group { results[index] = result }
            return results
        }
        let hasSwapped = try await unrest.value
        try judge(results, hasSwapped: hasSwapped)
        for each in boards { try each.board.detach(bed.control) }
    }

    /// A slot's work as the station does it: after a lost board a new session, but only with the board of the first one.
    private func work(_ index: Int) async -> Result<Void, LoaderError> {
        let slot = Slot("eight \(index)")
        let each = boards[index]
        let progress = progress
        defer { progress.end(index) }
        var last: Result<Void, LoaderError> = .success(())
        for _ in 0..<Self.mostSessions {
            var job = FlashJob(bed, each.board, [each.region])
            job.expectedMark = progress.marks(of: index).first
            last = await slot.loader { [job] () throws(LoaderError) in
                _ = try job.run(
                    onIdentity: { progress.note(mark: $0, of: index) },
                    onEvent: {
                        progress.note($0, of: index)
                        progress.wait($0, of: index)
                    })
            }
            guard last.kind == .portLost else { break }
            // Out of the bus for a moment: the station, too, gives a board time to show up.
            _ = try? await bed.eventually { bed.bus.device(at: each.board.port) != nil }
        }
        return last
    }

    /// Re-enumerates boards at random moments and, once both of the pair are being written, lets them change places.
    /// - Returns: whether they did.
    private func disturb() async throws -> Bool {
        let starts = (Int.random(in: 1...0x18000), Int.random(in: 1...0x18000))
        var hasSwapped = false
        while !boards.indices.allSatisfy(progress.hasEnded) {
            if !hasSwapped, progress.isWriting(pair.0, beyond: starts.0), progress.isWriting(pair.1, beyond: starts.1) {
                try bed.control.perform("swap \(boards[pair.0].board.port) \(boards[pair.1].board.port)")
                hasSwapped = true
                progress.disturb(pair.0)
                progress.disturb(pair.1)
            }
            if Int.random(in: 0..<8) == 0 { try rename(hasSwapped: hasSwapped) }
            try await Task.sleep(for: .microseconds(Int.random(in: 200...4000)))
        }
        return hasSwapped
    }

    private func rename(hasSwapped: Bool) throws {
        let candidates = boards.indices.filter { index in
            let isMoved = index == pair.0 || index == pair.1
            let most = isMoved ? renamesOfPair : Self.mostRenames
            return progress.isUnderWay(index) && progress.renames(of: index) < most && !(isMoved && hasSwapped)
        }
        guard let index = candidates.randomElement(), let number = progress.number(for: index) else { return }
        try bed.control.perform("rename \(boards[index].board.port) \(bus)/\(number)")
        if index != pair.0 && index != pair.1 { progress.disturb(index) }
    }

    private func judge(_ results: [Int: Result<Void, LoaderError>], hasSwapped: Bool) throws {
        let name = "bus \(bus)"
        // A new session tells a board of another kind by its ids, before it reads anything.
        let isMixed = boards[pair.0].board.dialect != boards[pair.1].board.dialect
        let refusals: [LoaderError.Kind] = [.otherBoard, .portLost] + (isMixed ? [.wrongChip] : [])
        bed.ledger.check(
            hasSwapped, "\(name): boards \(pair.0 + 1) and \(pair.1 + 1) changed places while both were written")
        for (index, each) in boards.enumerated() {
            let text = results[index]?.text ?? "nothing"
            let isMoved = index == pair.0 || index == pair.1
            let problem = isMoved ? try each.problemWhenBroken() : try each.problemWhenWritten()
            let isRight =
                isMoved
                ? refusals.contains { $0 == results[index]?.kind }
                : results[index]?.isSuccess == true && progress.renames(of: index) > 0
            bed.ledger.check(
                isRight && problem == nil,
                "\(name), board \(index + 1) (\(each.board.dialect.rawValue)\(isMoved ? ", moved" : "")): "
                    + "re-enumerated \(progress.renames(of: index)) times, \(progress.marks(of: index).count) sessions, "
                    + "\(text)\(problem.map { ": the flash " + $0 } ?? "")")
        }
        // Every session began with the mark of the board that belongs to the slot, or ended there.
        let foreign = boards.indices.filter { progress.marks(of: $0).first != boards[$0].board.mark }
        bed.ledger.check(foreign.isEmpty, "\(name): each slot read its own board first \(foreign)")
        var mixed: [String] = []
        for (index, each) in boards.enumerated() {
            for (other, source) in boards.enumerated() where other != index {
                if try each.holdsPiece(of: source) { mixed.append("\(index + 1) holds a piece of \(other + 1)'s") }
            }
        }
        bed.ledger.check(mixed.isEmpty, "\(name): no flash holds a piece of another's image \(mixed)")
    }
}
