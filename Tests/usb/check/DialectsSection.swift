import Bench

/// Both dialects, one board at a time: write, verify, what the flash holds, and that a second session writes nothing.
struct DialectsSection {
    let bed: CheckBed
    private let slot = Slot("dialects")
    private let image = CheckBed.randomBytes(262_144)

    init(_ bed: CheckBed) { self.bed = bed }

    func run() async throws {
        try await full(.dfuse, port: "1-1", number: 1)
        try await full(.dfu, port: "1-2.3", number: 2)
        try await full(.dfu, port: "1-2.4", number: 3, flags: "--intolerant")
        try await full(.dfuse, port: "1-3", number: 4, flags: "--runtime")
        try await full(.dfu, port: "1-4", number: 5, flags: "--runtime")
        try await withoutReadingBack()
        try await busy()
    }

    /// Three sessions: the first writes, the second skips, the third finds the board in its firmware.
    private func full(_ dialect: Dialect, port: String, number: Int, flags: String = "") async throws {
        let name = flags.isEmpty ? dialect.rawValue : "\(dialect.rawValue) \(flags)"
        let board = try bed.board(dialect, at: port, number: number)
        try board.attach(bed.control, flags: flags)
        let credential = CheckBed.randomBytes(5000)
        let regions = [dialect.application(image)] + (dialect == .dfu ? [Dialect.credential(credential)] : [])
        let names = regions.map(\.name)
        let job = FlashJob(bed, board, regions)

        let first = await slot.loader { () throws(LoaderError) in try job.run() }
        let outcome = try? first.get()
        bed.ledger.check(
            outcome?.written == names && outcome?.verified == names && outcome?.mark == board.mark,
            "\(name): identified as \(outcome?.mark ?? "nothing"), written and verified: \(first.text)")
        let expected = try expectation(board, credential: dialect == .dfu ? credential : nil)
        bed.ledger.check(
            try board.flash() == expected, "\(name): the flash holds the images and is otherwise untouched")

        let blocks = try bed.control.figures(of: board.port)
        var again = job
        again.finishes = true
        let second = await slot.loader { [again] () throws(LoaderError) in try again.run() }
        let after = try bed.control.figures(of: board.port)
        bed.ledger.check(
            (try? second.get())?.skipped == names && after["blocks"] == blocks["blocks"]
                && after["erases"] == blocks["erases"],
            "\(name): the second session skips all and writes no block: \(second.text)")
        let left = try await bed.eventually { bed.bus.device(at: board.port)?.id == dialect.firmware }
        bed.ledger.check(left, "\(name): the firmware runs in the end")
        let third = await slot.loader { () throws(LoaderError) in try job.run() }
        bed.ledger.check(
            (try? third.get())?.skipped == names, "\(name): sent from its firmware into its loader: \(third.text)")
        bed.ledger.check(after["mass"] == 0, "\(name): the flash was never erased as a whole")
        try board.detach(bed.control)
    }

    /// What the flash must hold: the image, the credential where there is one, and else what was there before.
    private func expectation(_ board: SimulatedBoard, credential: [UInt8]?) throws -> [UInt8] {
        var bytes = board.before
        bytes.replaceSubrange(..<image.count, with: image)
        if let credential {
            let start = Dialect.credentialOffset
            // The image is padded to four bytes; the board erases what the blocks cover.
            let end = start + (credential.count + 3) / 4 * 4
            bytes.replaceSubrange(
                start..<end, with: credential + [UInt8](repeating: 0xFF, count: end - start - credential.count))
        }
        return bytes
    }

    private func withoutReadingBack() async throws {
        let board = try bed.board(.dfu, at: "1-5", number: 6)
        try board.attach(bed.control, flags: "--no-upload")
        let job = FlashJob(bed, board, [Dialect.dfu.application(image)])
        let result = await slot.loader { () throws(LoaderError) in try job.run() }
        let outcome = try? result.get()
        bed.ledger.check(
            outcome?.canReadBack == false && outcome?.written == ["app"] && outcome?.verified == [],
            "dfu --no-upload: written, and not called verified: \(result.text)")
        bed.ledger.check(
            try board.flash().starts(with: image), "dfu --no-upload: the flash holds the image all the same")
        try board.detach(bed.control)
    }

    /// A loader that needs time is asked again no sooner than it said.
    private func busy() async throws {
        try bed.control.perform("busy 5")
        for (dialect, port, number) in [(Dialect.dfuse, "1-6", 7), (.dfu, "1-7", 8)] {
            let board = try bed.board(dialect, at: port, number: number)
            try board.attach(bed.control)
            let job = FlashJob(bed, board, [dialect.application(Array(image.prefix(131_072)))])
            let result = await slot.loader { () throws(LoaderError) in try job.run() }
            let early = try bed.control.figures(of: board.port)["early"]
            bed.ledger.check(
                result.kind == nil && early == 0,
                "\(dialect.rawValue) that needs 5 ms a block: never asked too early: \(result.text)")
            try board.detach(bed.control)
        }
        try bed.control.perform("busy 0")
    }
}
