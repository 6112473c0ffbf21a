import ArgumentParser
import Bench
import Foundation
import Provisioning

/// `station bench slots`: does a board take longer because others are flashed at the same time?
struct BenchSlots: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slots",
        abstract: "Flashes one slot alone, then all slots at once, and compares the times.",
        discussion: """
            A second process simulates one ESP32-C3 a slot behind pseudo terminals; each byte takes its time on the wire \
            at --baud. The image is random, so that compression does not help. The goal: all slots together take at \
            most 1.1 times one slot's time.

            Printed beside it: the wire's floor (bytes really on the wire x 10 / baud); how late a 10 ms timer on \
            Swift's shared pool rang meanwhile (blocking work on the pool would make it late by its whole length); and \
            how busy both processes were, for above 70 % of a core the boards, not the station, may be what is slow.

            Examples:
              station bench slots
              station bench slots --slots 16 --size 262144
              station bench slots --baud 2000000 --json
            """)

    @Option(help: "Slots that are flashed at once, 2 to 32.") var slots = 8
    @Option(help: ArgumentHelp("Bytes of the image, 4096 to 4128768.", valueName: "bytes")) var size = 1 << 20
    @Option(help: "Rate of the wires, 9600 to 4000000.") var baud = 921_600
    @OptionGroup var stub: BenchStub
    @OptionGroup var options: BenchOptions

    /// The most that all slots may take, in one slot's time.
    static let goal = 1.1

    func validate() throws {
        guard (2...32).contains(slots) else { throw ValidationError("--slots \(slots): expected 2 to 32") }
        try BenchSlots.validate(size: size, baud: baud)
    }

    static func validate(size: Int, baud: Int) throws {
        guard BenchImage.sizes.contains(size) else {
            throw ValidationError(
                "--size \(size): expected \(BenchImage.sizes.lowerBound) to \(BenchImage.sizes.upperBound)")
        }
        guard (9600...4_000_000).contains(baud) else {
            throw ValidationError("--baud \(baud): expected 9600 to 4000000")
        }
    }

    func run() async throws {
        let machine = BenchMachine.read()
        let stubs = try stub.locate()
        let (count, size, baud, options) = (slots, size, baud, options)
        let found = try await options.withFolder { folder in
            try await BenchFixture(folder: folder, slots: count, baud: baud).run { slots, boards in
                @Sendable func flash(_ slots: [BenchFixture.Slot], seed: UInt64) async throws -> Phase {
                    try await Phase.run(
                        slots.map {
                            BoardFlash(slot: $0, control: $0.control, baud: baud, stubDirectory: stubs)
                        }, size: size, seed: seed, boards: boards)
                }
                options.progress("one slot alone ...")
                let one = try await flash(Array(slots.prefix(1)), seed: 1)
                options.progress("\(count) slots at once ...")
                return (one: one, all: try await flash(slots, seed: 2))
            }
        }
        options.finish(report(machine, stubs, found.one, found.all))
    }

    /// Slots that were flashed together.
    struct Phase: Sendable {
        /// From the first board's start to the last one's end.
        let wall: Duration
        let results: [BoardFlash.Result]
        let lateness: BenchSamples
        /// Shares of one core; nil where they could not be read.
        let boardShare: Double?
        let stationShare: Double?

        /// The longest wire time of a slot.
        func floor(baud: Int) -> Duration? { results.map { WireFloor.time(bytes: $0.bytes, baud: baud) }.max() }

        static func run(_ work: [BoardFlash], size: Int, seed: UInt64, boards: ProcessTime?) async throws -> Phase {
            let images = work.indices.map { BenchImage.make(size, seed: seed << 32 | UInt64($0)) }
            let own = ProcessTime(id: ProcessInfo.processInfo.processIdentifier)
            let load = PhaseLoad([boards ?? ProcessTime(id: 0), own])
            let (timed, lateness) = try await TimerLateness.during {
                let start = ContinuousClock.now
                let results = try await withThrowingTaskGroup(of: BoardFlash.Result.self) { group in
                    for (board, image) in zip(work, images) { group.addTask { try await board.run(image) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                return (ContinuousClock.now - start, results)
            }
            let shares = load.shares()
            return Phase(
                wall: timed.0, results: timed.1, lateness: lateness, boardShare: shares[0], stationShare: shares[1])
        }
    }

    private func report(_ machine: BenchMachine, _ stubs: String?, _ one: Phase, _ all: Phase) -> BenchReport {
        let ratio = BenchText.quotient(all.wall, one.wall)
        let verdict = ratio.map { $0 <= Self.goal ? "goal met" : "goal MISSED" } ?? "-"
        let bytes = all.results.map(\.bytes).max() ?? 0
        var figures = [
            "1 slot    \(BenchText.time(one.wall))   \(against(one))   timer \(late(one))   \(busy(one))",
            "\(pad("\(slots) slots", 10))\(BenchText.time(all.wall))   \(against(all))   timer \(late(all))   \(busy(all))",
            "ratio     \(BenchText.ratio(ratio)), at most 1.1 wanted: \(verdict)",
        ]
        for (name, phase) in [("1 slot", one), ("\(slots) slots", all)] {
            guard let share = phase.boardShare, share > 0.7 else { continue }
            figures.append(
                "note      with \(name) the boards' process used \(BenchText.percent(share)) of a core: above 70 % the "
                    + "simulation may be what is slow")
        }
        return BenchReport(
            name: "slots", machine: machine,
            method: [
                "\(slots) simulated ESP32-C3 in another process, on ptys, each byte paced at \(baud) baud;",
                "\(size) random bytes written and verified a board, \(stubs == nil ? "ROM loader (no stub found)" : "RAM stub"), "
                    + "compression on; from reset to the last check;",
                "floor: \(bytes) bytes on the wire x 10 / baud; timer: 10 ms on Swift's shared pool, how late it rang.",
            ], figures: figures,
            values: [
                "slots": .init(slots), "size": .init(size), "baud": .init(baud), "stub": .bool(stubs != nil),
                "one": json(one), "all": json(all), "ratio_thousandths": .init(BenchText.thousandths(ratio)),
                "goal_thousandths": 1100,
            ])
    }

    private func against(_ phase: Phase) -> String {
        let floor = phase.floor(baud: baud)
        return "floor \(BenchText.time(floor)), \(BenchText.ratio(BenchText.quotient(phase.wall, floor))) times"
    }

    private func late(_ phase: Phase) -> String {
        "p50 \(BenchText.time(phase.lateness.percentile(50))) p99 \(BenchText.time(phase.lateness.percentile(99)))"
    }

    private func busy(_ phase: Phase) -> String {
        "CPU boards \(BenchText.percent(phase.boardShare)) station \(BenchText.percent(phase.stationShare)) of a core"
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private func json(_ phase: Phase) -> JSONValue {
        [
            "wall_ms": .init(BenchText.milliseconds(phase.wall)),
            "floor_ms": .init(BenchText.milliseconds(phase.floor(baud: baud))),
            "slot_ms": .array(phase.results.map { .init(BenchText.milliseconds($0.duration)) }),
            "timer_p50_us": .init(BenchText.microseconds(phase.lateness.percentile(50))),
            "timer_p99_us": .init(BenchText.microseconds(phase.lateness.percentile(99))),
            "board_cpu_thousandths": .init(BenchText.thousandths(phase.boardShare)),
            "station_cpu_thousandths": .init(BenchText.thousandths(phase.stationShare)),
        ]
    }
}
