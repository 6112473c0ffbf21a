import Bench

/// Re-enumeration and exchange in the middle of a write, one board at a time.
struct MovesSection {
    let bed: CheckBed
    private let slot = Slot("moves")
    private let image = CheckBed.randomBytes(262_144)

    init(_ bed: CheckBed) { self.bed = bed }

    func run() async throws {
        try await renamed(.dfuse, port: "1-1", number: 31)
        try await renamed(.dfu, port: "1-2", number: 32)
        try await exchanged(.dfuse, "told by serial number", ports: ("1-3", "1-4"), numbers: (33, 34), serial: nil)
        try await exchanged(
            .dfuse, "told by UID alone", ports: ("1-5", "1-6"), numbers: (35, 36), serial: SimulatedBoard.sharedSerial)
        try await exchanged(.dfu, "told by serial number", ports: ("1-7", "1-8"), numbers: (37, 38), serial: nil)
        try await unmarked()
    }

    /// A board that comes back under another number is known again and written anew.
    private func renamed(_ dialect: Dialect, port: String, number: Int) async throws {
        let board = try bed.board(dialect, at: port, number: number)
        try board.attach(bed.control)
        let result = await session(board, dialect.options, once: "rename \(port) 1/\(number + 60)")
        bed.ledger.check(
            try (try? result.get())?.resent == ["app"] && board.flash().starts(with: image)
                && bed.bus.device(at: board.port).map { Int($0.address) } == number + 60,
            "\(dialect.rawValue): re-enumerated while it is written: written again, content right: \(result.text)")
        try board.detach(bed.control)
    }

    /// Another board takes the place of the one being written: refused, and not a byte of it changes.
    private func exchanged(
        _ dialect: Dialect, _ name: String, ports: (String, String), numbers: (Int, Int), serial: String?
    ) async throws {
        let first = try bed.board(dialect, at: ports.0, number: numbers.0, serial: serial)
        let second = try bed.board(dialect, at: ports.1, number: numbers.1, serial: serial)
        try first.attach(bed.control)
        try second.attach(bed.control)
        let result = await session(first, dialect.options, once: "swap \(ports.0) \(ports.1)")
        bed.ledger.check(
            try result.kind == .otherBoard && second.flash() == second.before,
            "\(dialect.rawValue), \(name): exchanged while it is written: \(result.text); the other is untouched")
        try first.detach(bed.control)
        try second.detach(bed.control)
    }

    /// A board without any mark of its own is not written at all: nothing would tell it from another.
    private func unmarked() async throws {
        let board = try bed.board(.dfuse, at: "1-9", number: 39, serial: SimulatedBoard.sharedSerial)
        try board.attach(bed.control)
        var options = Dialect.dfuse.options
        options.uidAddress = nil
        let result = await session(board, options, once: "rename 1-9 1/120")
        bed.ledger.check(
            try result.kind == .protocolError && board.flash() == board.before,
            "without serial number and UID: refused, and nothing is written: \(result.text)")
        try board.detach(bed.control)
    }

    /// A session in whose write the command is done once.
    private func session(
        _ board: SimulatedBoard, _ options: DFULoader.Options, once command: String
    ) async -> Result<FlashJob.Outcome, LoaderError> {
        var job = FlashJob(bed, board, [board.dialect.application(image)])
        job.options = options
        let moment = Int.random(in: 1...image.count - 8192)
        let control = bed.control
        let ledger = bed.ledger
        return await slot.loader { [job] () throws(LoaderError) in
            var isDone = false
            return try job.run(onEvent: { event in
                guard !isDone, case .writing(_, let sent, _) = event, sent >= moment else { return }
                isDone = true
                do { try control.perform(command) } catch { ledger.check(false, "\(error)") }
            })
        }
    }
}
