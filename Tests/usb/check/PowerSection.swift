import Bench
import BoardProtocols

/// Power of hub ports: switched where the hub switches each for itself, refused with a reason everywhere else.
struct PowerSection {
    let bed: CheckBed
    private let slot = Slot("power")

    init(_ bed: CheckBed) { self.bed = bed }

    func run() async throws {
        for (hub, kind) in [("1-4", "individual"), ("1-5", "ganged"), ("1-6", "none")] {
            try bed.control.perform("hub \(hub) 4 \(kind)")
        }
        let board = try bed.board(.dfuse, at: "1-4.2", number: 61)
        try board.attach(bed.control)
        try await individual(board)
        try await overCurrent(board)
        try await refusal("1-5.2", number: 62, .ganged, saying: "together")
        try await refusal("1-6.2", number: 63, .none, saying: "cannot switch")
        try await nowhere()
        try await told()
    }

    private func individual(_ board: SimulatedBoard) async throws {
        let power = USBHubPower(bus: bed.bus, port: board.port)
        let report = await slot.run { try power.report() }
        let seen = try? report.get()
        bed.ledger.check(
            seen?.switching == .individual && seen?.port.isPowered == true, "an individual hub says so: \(report.text)")
        let off = await slot.run { try power.set(on: false) }
        let isGone = try await bed.eventually { bed.bus.device(at: board.port) == nil }
        bed.ledger.check(off.isSuccess && isGone, "off: the board leaves the bus: \(off.text)")
        let on = await slot.run { try power.set(on: true) }
        let isBack = try await bed.eventually { bed.bus.device(at: board.port) != nil }
        bed.ledger.check(on.isSuccess && isBack, "on: the board is back: \(on.text)")
        let job = FlashJob(bed, board, [Dialect.dfuse.application(CheckBed.randomBytes(131_072))])
        let result = await slot.loader { () throws(LoaderError) in try job.run() }
        bed.ledger.check(result.kind == nil, "the board can be written after its power was off: \(result.text)")
    }

    private func overCurrent(_ board: SimulatedBoard) async throws {
        let power = USBHubPower(bus: bed.bus, port: board.port)
        try bed.control.perform("overcurrent \(board.port) on")
        let refused = await slot.run { try power.set(on: true) }
        bed.ledger.check(refused.isRefusal(saying: "over-current"), "over-current: refused: \(refused.text)")
        try bed.control.perform("overcurrent \(board.port) off")
        let taken = await slot.run { try power.set(on: true) }
        bed.ledger.check(taken.isSuccess, "over-current is over: switched again: \(taken.text)")
    }

    /// A hub that does not switch single ports: refused, and the board stays on the bus.
    private func refusal(
        _ port: String, number: Int, _ kind: USBHubDescriptor.Switching, saying reason: String
    ) async throws {
        let board = try bed.board(.dfuse, at: port, number: number)
        try board.attach(bed.control)
        let power = USBHubPower(bus: bed.bus, port: board.port)
        let before = bed.bus.device(at: board.port)
        let report = await slot.run { try power.report() }
        bed.ledger.check((try? report.get())?.switching == kind, "a hub that switches \(kind) says so: \(report.text)")
        let refused = await slot.run { try power.set(on: false) }
        bed.ledger.check(
            refused.isRefusal(saying: reason) && before != nil && bed.bus.device(at: board.port) == before,
            "switching \(kind): refused, the board stays on: \(refused.text)")
        try board.detach(bed.control)
    }

    private func nowhere() async throws {
        let power = USBHubPower(bus: bed.bus, port: try USBBusPort("1-7.1"))
        let result = await slot.run { try power.set(on: false) }
        bed.ledger.check(!result.isSuccess, "no hub there: \(result.text)")
    }

    /// What the bus tells those who listen: a board that comes, and that it left.
    private func told() async throws {
        let log = BusLog(bed.bus)
        let board = try bed.board(.dfu, at: "1-8", number: 64)
        try board.attach(bed.control)
        let hasCome = try await bed.eventually { log.all.contains("+1-8") }
        try board.detach(bed.control)
        let hasLeft = try await bed.eventually { log.all.contains("-1-8") }
        bed.ledger.check(
            hasCome && hasLeft, "the bus tells when a board comes and goes, hot-plug \(bed.bus.hasHotplug)")
    }
}
