import ArgumentParser
import Bench
import Foundation
import Provisioning

/// `station bench flash`: our flasher beside Espressif's, and both against the wire.
struct BenchFlash: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flash",
        abstract: "Flashes one simulated board by turns with our loader and with esptool.",
        discussion: """
            The same board on the same port, the same random image, both with their stub, both write and verify; the \
            flash is blank before each run and looked at after it. esptool's process start-up (`esptool version`) is \
            reported apart and taken off, for a station starts one process for all boards. esptool is taken from \
            STATION_VENV/bin or PATH; without it that half is skipped and said so.

            Examples:
              STATION_VENV=.build/venv station bench flash
              station bench flash --rounds 5 --size 262144 --json
            """)

    @Option(help: ArgumentHelp("Bytes of the image, 4096 to 4128768.", valueName: "bytes")) var size = 1 << 20
    @Option(help: "Rate of the wire, 9600 to 4000000.") var baud = 921_600
    @Option(help: "Runs of each, 3 to 99; the median counts.") var rounds = 3
    @OptionGroup var stub: BenchStub
    @OptionGroup var options: BenchOptions

    func validate() throws {
        try BenchSlots.validate(size: size, baud: baud)
        guard (3...99).contains(rounds) else { throw ValidationError("--rounds \(rounds): expected 3 to 99") }
    }

    /// What the rounds gave.
    struct Found: Sendable {
        var ours: [BoardFlash.Result] = []
        var esptool: [Duration] = []
        var startUp: [Duration] = []
        var version: String?
        /// Why esptool has no figures.
        var skipped: String?
    }

    func run() async throws {
        let machine = BenchMachine.read()
        let stubs = try stub.locate()
        let (size, baud, rounds, options) = (size, baud, rounds, options)
        let found = try await options.withFolder { folder in
            try await BenchFixture(folder: folder, slots: 1, baud: baud).run { slots, _ in
                guard let slot = slots.first else {
                    throw BoardFlash.BenchError(description: "the fixture has no slot")
                }
                let work = Rounds(slot: slot, folder: folder, size: size, baud: baud, stubDirectory: stubs)
                return try await work.run(rounds) { options.progress($0) }
            }
        }
        options.finish(report(machine, stubs, found))
    }

    /// Runs by turns on one slot.
    struct Rounds: Sendable {
        let slot: BenchFixture.Slot
        let folder: String
        let size: Int
        let baud: Int
        let stubDirectory: String?

        func run(_ count: Int, progress: @Sendable (String) -> Void) async throws -> Found {
            var found = Found()
            let tool = BenchEsptool.find()
            if let tool {
                // The first start reads the program from disk and is not counted.
                found.version = try await tool.version().version
            } else {
                found.skipped = "no esptool in STATION_VENV/bin or PATH; install it with: pip install esptool"
            }
            let power = PowerController(slot.control, slot: slot.name)
            for round in 1...count {
                progress("round \(round) of \(count) ...")
                let image = BenchImage.make(size, seed: UInt64(round))
                // Whoever goes first changes from round to round.
                for isOurs in round % 2 == 1 ? [true, false] : [false, true] {
                    try BoardFlash.blank(size, in: slot.flashFile)
                    try await power.perform(.loader)
                    if isOurs {
                        // The board is in its loader already, as it is for esptool.
                        let work = BoardFlash(slot: slot, control: .none, baud: baud, stubDirectory: stubDirectory)
                        found.ours.append(try await work.run(image))
                    } else if let tool {
                        found.startUp.append(try await tool.version().duration)
                        let file = folder + "/image.bin"
                        try Data(image).write(to: URL(fileURLWithPath: file))
                        found.esptool.append(
                            try await tool.write(
                                file, offset: BenchImage.offset, port: slot.port.description, baud: baud))
                        try BoardFlash.check(image, in: slot.flashFile)
                    }
                }
            }
            return found
        }
    }

    private func report(_ machine: BenchMachine, _ stubs: String?, _ found: Found) -> BenchReport {
        let ours = BenchSamples(found.ours.map(\.duration)).median
        let wall = BenchSamples(found.esptool).median
        let start = BenchSamples(found.startUp).median
        let net = wall.flatMap { wall in start.map { wall - $0 } }
        let bytes = found.ours.map(\.bytes).max() ?? 0
        let floor = WireFloor.time(bytes: bytes, baud: baud)
        func line(_ name: String, _ time: Duration?, _ samples: [Duration]) -> String {
            let all = samples.sorted().map { BenchText.fixed($0 / .seconds(1), 2) }.joined(separator: " ")
            return
                "\(name)\(BenchText.time(time)), \(BenchText.ratio(BenchText.quotient(time, floor))) times the floor (\(all))"
        }
        var figures = [
            line("ours      ", ours, found.ours.map(\.duration)),
            "floor     \(BenchText.time(floor)): \(bytes) bytes on the wire x 10 / \(baud)",
        ]
        if let skipped = found.skipped {
            figures.append("esptool   skipped: \(skipped)")
        } else {
            figures += [
                line("esptool   ", wall, found.esptool) + ", \(found.version ?? "?")",
                "          of it process start-up \(BenchText.time(start)), the rest \(BenchText.time(net))",
                "ratio     ours / esptool without its start-up \(BenchText.ratio(BenchText.quotient(ours, net))), with it "
                    + BenchText.ratio(BenchText.quotient(ours, wall)),
            ]
        }
        return BenchReport(
            name: "flash", machine: machine,
            method: [
                "one simulated ESP32-C3 in another process on a pty, each byte paced at \(baud) baud; \(rounds) rounds by turns, "
                    + "medians;",
                "\(size) random bytes on blank flash, write and verify, board in its loader at the start;",
                "ours with \(stubs == nil ? "the ROM loader (no stub found)" : "the RAM stub"), "
                    + (found.skipped == nil
                        ? "esptool with its stub, compression as each does it by itself." : "compressed."),
            ], figures: figures,
            values: [
                "size": .init(size), "baud": .init(baud), "rounds": .init(rounds), "stub": .bool(stubs != nil),
                "ours_ms": .init(BenchText.milliseconds(ours)), "floor_ms": .init(BenchText.milliseconds(floor)),
                "wire_bytes": .init(bytes), "esptool_version": .init(found.version),
                "esptool_ms": .init(BenchText.milliseconds(wall)),
                "esptool_start_ms": .init(BenchText.milliseconds(start)), "skipped": .init(found.skipped),
                "ratio_thousandths": .init(BenchText.thousandths(BenchText.quotient(ours, net))),
                "ratio_with_start_thousandths": .init(BenchText.thousandths(BenchText.quotient(ours, wall))),
                "ratio_to_floor_thousandths": .init(BenchText.thousandths(BenchText.quotient(ours, floor))),
            ])
    }
}
