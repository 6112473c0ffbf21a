import Bench
import Foundation

/// What the station says of boards that refuse, do not fit, hang, or are held by another.
struct ErrorsSection {
    let bed: CheckBed
    private let slot = Slot("errors")
    private let image = CheckBed.randomBytes(131_072)

    init(_ bed: CheckBed) { self.bed = bed }

    func run() async throws {
        let board = try bed.board(.dfuse, at: "1-1", number: 11)
        try board.attach(bed.control)
        let other = try bed.board(.dfu, at: "1-2", number: 12)
        try other.attach(bed.control)
        try await statuses(board, other)
        try await plans(board)
        try await places(board)
        try await held(board)
        try await late(board)
        try await endless(board)
        try await hangs(board)
        try other.detach(bed.control)
    }

    /// Error statuses of the loader: their kind, the address, and that the next session works.
    private func statuses(_ board: SimulatedBoard, _ other: SimulatedBoard) async throws {
        // DfuSe blocks are 2 KiB: the eleventh starts at 5000h. USB DFU 1.1, section 6.1.2, bStatus.
        let size = 2048
        for (status, kind) in [
            (3, LoaderError.Kind.blockWrite), (4, .blockWrite), (8, .blockWrite), (11, .securityLocked),
        ] {
            try bed.control.perform("fail 1-1 \(status) 10")
            let result = await session(board, CheckBed.randomBytes(131_072))
            bed.ledger.check(
                result.kind == kind && result.address == 0x0800_0000 + UInt32(10 * size),
                "dfuse, status \(status) at the eleventh block: \(result.text)")
        }
        try bed.control.perform("fail 1-2 3 5")
        let failed = await session(other, image)
        bed.ledger.check(
            failed.kind == .blockWrite && failed.address == 5 * 1024,
            "dfu, status 3 at the sixth block of 1 KiB: \(failed.text)")
        for each in [board, other] {
            let result = await session(each, image)
            bed.ledger.check(
                try result.kind == nil && each.flash().starts(with: image),
                "\(each.dialect.rawValue): the session after an error: \(result.text)")
        }
    }

    /// Regions that do not fit the memory map are refused before anything is erased.
    private func plans(_ board: SimulatedBoard) async throws {
        let before = try board.flash()
        for (what, region) in [
            ("a region beyond the flash", FlashRegion(name: "x", offset: 0x0810_0000, image: image)),
            (
                "a sector larger than the plan's",
                FlashRegion(name: "x", offset: 0x0802_0000, image: [1, 2], sector: 4096)
            ),
            (
                "a memory that is only read",
                FlashRegion(name: "x", offset: 0x1FFF_7A10, image: [1, 2, 3, 4], sector: 4)
            ),
        ] {
            let job = FlashJob(bed, board, [region])
            let result = await slot.loader { () throws(LoaderError) in try job.run() }
            bed.ledger.check(result.kind == .flashChip, "\(what): \(result.text)")
        }
        bed.ledger.check(try board.flash() == before, "the flash is untouched by refused regions")
    }

    /// Another product, and nothing at all.
    private func places(_ board: SimulatedBoard) async throws {
        var job = FlashJob(bed, board, [Dialect.dfuse.application(image)])
        job.options = Dialect.dfu.options
        let wrong = await slot.loader { [job] () throws(LoaderError) in try job.run() }
        bed.ledger.check(wrong.kind == .wrongChip, "a board of another product: \(wrong.text)")
        let (bus, port, options) = (bed.bus, try USBBusPort("1-9"), Dialect.dfuse.options)
        let nothing = await slot.loader { () throws(LoaderError) in
            try DFULoader(bus: bus, port: port, options: options).connect()
        }
        bed.ledger.check(nothing.kind == .portLost, "an empty port: \(nothing.text)")
    }

    /// A board that another session holds.
    private func held(_ board: SimulatedBoard) async throws {
        let job = FlashJob(bed, board, [Dialect.dfuse.application(image)])
        let result = await slot.loader { () throws(LoaderError) in
            let holder = DFULoader(bus: job.bus, port: job.port, options: job.options)
            defer { holder.disconnect() }
            try holder.connect()
            return try job.run()
        }
        bed.ledger.check(result.kind == .portUnavailable, "a board that another session holds: \(result.text)")
    }

    /// A board that has just come, whose node cannot be read for a moment; and one whose node never can.
    private func late(_ board: SimulatedBoard) async throws {
        guard let device = bed.bus.device(at: board.port),
            let root = ProcessInfo.processInfo.environment["UMOCKDEV_DIR"]
        else { throw Trouble("no simulated bus, or no board at \(board.port)") }
        let node = URL(
            fileURLWithPath: String(format: "%@/dev/bus/usb/%03d/%03d", root, device.port.bus, Int(device.address)))
        let descriptors = try Data(contentsOf: node)
        func hold(_ bytes: Data) throws {
            let file = try FileHandle(forWritingTo: node)
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: bytes)
            try file.close()
        }
        try hold(Data())
        let never = await session(board, image)
        bed.ledger.check(never.kind == .portUnavailable, "a board whose node cannot be read: \(never.text)")
        async let soon = session(board, image)
        try await Task.sleep(for: .milliseconds(100))
        try hold(descriptors)
        let result = await soon
        bed.ledger.check(result.kind == nil, "a board whose node can be read a moment later: \(result.text)")
    }

    /// A loader that asks for more than an hour before its next answer is not waited for.
    private func endless(_ board: SimulatedBoard) async throws {
        try bed.control.perform("busy 4000000")
        let start = ContinuousClock.now
        let result = await session(board, image)
        let time = ContinuousClock.now - start
        try bed.control.perform("busy 0")
        bed.ledger.check(
            result.kind == .blockWrite && time < .seconds(60),
            "a loader that asks for 4000 s, after \(time): \(result.text)")
        try board.detach(bed.control)
        try board.attach(bed.control)
    }

    /// A board that takes requests and never answers: it ends in time, can be cancelled, and may be pulled out.
    private func hangs(_ board: SimulatedBoard) async throws {
        try bed.control.perform("hang 1-1 on")
        let silent = await session(board, image)
        bed.ledger.check(silent.kind == .noResponse, "a board that hangs: \(silent.text)")

        let cancelled = try await whileHanging(board) { $0.cancel() }
        bed.ledger.check(cancelled.kind == .cancelled, "cancelled while the board hangs: \(cancelled.text)")
        let control = bed.control
        let pulled = try await whileHanging(board) { _ in try board.detach(control) }
        bed.ledger.check(pulled.kind == .portLost, "unplugged while it hangs: \(pulled.text)")
        try board.attach(control)
        let after = await session(board, image)
        bed.ledger.check(after.kind == nil, "the board works again after it was plugged in anew: \(after.text)")
        try board.detach(control)
    }

    /// Connects to a board that hangs and does `body` while the connection waits for an answer.
    private func whileHanging(
        _ board: SimulatedBoard, _ body: (Task<Result<Void, LoaderError>, Never>) throws -> Void
    ) async throws -> Result<Void, LoaderError> {
        let (bus, port, options) = (bed.bus, board.port, board.dialect.options)
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task { [slot] in
            await slot.loader { () throws(LoaderError) in
                let loader = DFULoader(bus: bus, port: port, options: options)
                defer { loader.disconnect() }
                try loader.connect { _ in start.yield() }
            }
        }
        for await _ in starts { break }
        // A moment of the five seconds for which it waits.
        try await Task.sleep(for: .milliseconds(Int.random(in: 100...500)))
        try body(task)
        return await task.value
    }

    private func session(_ board: SimulatedBoard, _ image: [UInt8]) async -> Result<FlashJob.Outcome, LoaderError> {
        let job = FlashJob(bed, board, [board.dialect.application(image)])
        return await slot.loader { () throws(LoaderError) in try job.run() }
    }
}
