import Bench

/// The board is pulled out at random moments of a session: each time `portLost`, and the slot goes on with the next board.
struct UnplugSection {
    private static let times = 50
    let bed: CheckBed

    init(_ bed: CheckBed) { self.bed = bed }

    func run() async throws {
        try await run(.dfuse, port: "1-1", number: 21)
        try await run(.dfu, port: "1-2", number: 22)
    }

    private func run(_ dialect: Dialect, port: String, number: Int) async throws {
        let slot = Slot("unplug")
        let board = try bed.board(dialect, at: port, number: number)
        let name = dialect.rawValue
        // The first ones bring up the threads that the runtime keeps.
        for _ in 0..<3 { _ = try await unplug(board, slot) }
        let before = try ProcessCount()
        var wrong: [String] = []
        for time in 1...Self.times {
            let (lost, back) = try await unplug(board, slot)
            if lost.kind != .portLost { wrong.append("\(time): expected portLost, received \(lost.text)") }
            if (try? back.get()) != board.mark { wrong.append("\(time): not usable again: \(back.text)") }
        }
        bed.ledger.check(
            wrong.isEmpty,
            "\(name): \(Self.times) times unplugged at a random moment: portLost, then the slot is usable again \(wrong)"
        )
        _ = try await bed.eventually { try ProcessCount().isWithin(before) }
        let after = try ProcessCount()
        bed.ledger.check(after.isWithin(before), "\(name): nothing is left behind: \(before) before, \(after) after")

        let image = CheckBed.randomBytes(262_144)
        try board.attach(bed.control)
        let job = FlashJob(bed, board, [dialect.application(image)])
        let result = await slot.loader { () throws(LoaderError) in try job.run() }
        bed.ledger.check(
            try result.kind == nil && board.flash().starts(with: image),
            "\(name): a whole session on the same slot afterwards: \(result.text)")
        try board.detach(bed.control)
    }

    /// Plugs the board in, works on it until it is pulled out, plugs it in once more and reads it.
    /// - Returns: how the work ended, and the mark read afterwards.
    private func unplug(
        _ board: SimulatedBoard, _ slot: Slot
    ) async throws -> (lost: Result<Void, LoaderError>, back: Result<String, LoaderError>) {
        try board.attach(bed.control)
        let image = CheckBed.randomBytes(131_072)
        var job = FlashJob(bed, board, [board.dialect.application(image)])
        // The board does not come back, so there is no use in a long wait.
        job.options.rejoin = .milliseconds(100)
        async let lost = slot.loader { [job] () throws(LoaderError) in try work(job) }
        try await Task.sleep(for: .microseconds(Int.random(in: 0...400_000)))
        try board.detach(bed.control)
        let ended = await lost
        try board.attach(bed.control)
        let (bus, port, options) = (bed.bus, board.port, board.dialect.options)
        let back = await slot.loader { () throws(LoaderError) in
            let loader = DFULoader(bus: bus, port: port, options: options)
            defer { loader.disconnect() }
            try loader.connect()
            return try loader.readBoard().uidHex
        }
        try board.detach(bed.control)
        return (ended, back)
    }

    /// Writes and verifies on one connection until that fails.
    private func work(_ job: FlashJob) throws(LoaderError) {
        let loader = DFULoader(bus: job.bus, port: job.port, options: job.options)
        defer { loader.disconnect() }
        try loader.connect()
        while true {
            for region in job.regions {
                _ = try loader.holds(region)
                _ = try loader.write(region) { _ in }
                try loader.verify(region) { _ in }
            }
        }
    }
}
