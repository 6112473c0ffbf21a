import ArgumentParser
import Bench
import Foundation
import Provisioning
import Simulation

/// `station bench flash`: our flasher beside the field's own, and both against the wire.
struct BenchFlash: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flash",
        abstract: "Flashes one simulated board by turns with our loader and with esptool or dfu-util.",
        discussion: """
            The same board on the same port, the same random image, both write and verify (dfu-util by reading back); the \
            flash is blank before each run and looked at after it. The peer's process start-up is reported apart and \
            taken off, for a station starts one process for all boards. Then ours once more on the unchanged image. \
            Boards on USB need umockdev and usb-board; the command starts itself again under them. Their bus takes no \
            time, erasing and programming takes what the datasheet of the STM32F405 calls typical.

            Examples:
              STATION_VENV=.build/venv station bench flash
              station bench flash --board stm32-dfu --size 262144
              station bench flash --board esp32 --rounds 5 --json
            """)

    @Option(help: ArgumentHelp("Board profile with flash method espressif or dfu.", valueName: "profile"))
    var board = "esp32c3"
    @Option(help: ArgumentHelp("Bytes of the image, from 4096.", valueName: "bytes")) var size: Int?
    @Option(help: "Rate of the wire, 9600 to 4000000; USB is not paced.") var baud = 921_600
    @Option(help: "Runs of each, 3 to 99; the median counts.") var rounds = 3
    @Option(help: ArgumentHelp("Folder with board profiles.", valueName: "dir")) var home: String?
    @OptionGroup var stub: BenchStub
    @OptionGroup var options: BenchOptions

    func validate() throws {
        try BenchSlots.validate(size: size ?? 1 << 18, baud: baud)
        guard (3...99).contains(rounds) else { throw ValidationError("--rounds \(rounds): expected 3 to 99") }
    }

    /// What the rounds gave.
    struct Found: Sendable {
        var ours: [BoardFlash.Result] = []
        var again: [Duration] = []
        var ourProcessor = Duration.zero
        var peer: [Duration] = []
        var peerProcessor = Duration.zero
        var startUp: [Duration] = []
        var version: String?
        /// Why the peer has no figures.
        var skipped: String?
    }

    func run() async throws {
        let target = try BenchTarget(try StationHome.locate(explicit: home).profile(named: board))
        if target.isUSB, !DemoUSB.isThere { try DemoUSB.startAgain(["flash timed"]) }
        let size = self.size ?? (target.isUSB ? 256 << 10 : 1 << 20)
        guard size <= target.largest else {
            throw ValidationError("--size \(size): expected at most \(target.largest) for \(board)")
        }
        let machine = BenchMachine.read()
        let stubs = target.isUSB ? nil : try stub.locate()
        let (baud, rounds, options) = (baud, rounds, options)
        let found = try await options.withFolder { folder in
            try await BenchFixture(folder: folder, slots: 1, baud: baud, family: target.family).run { slots, _ in
                guard let slot = slots.first else {
                    throw BoardFlash.BenchError(description: "the fixture has no slot")
                }
                let work = Rounds(
                    target: target, slot: slot, folder: folder, size: size, baud: baud, stubDirectory: stubs)
                return try await work.run(rounds) { options.progress($0) }
            }
        }
        options.finish(report(machine, target, size, stubs, found))
    }

    /// Runs by turns on one slot.
    struct Rounds: Sendable {
        let target: BenchTarget
        let slot: BenchFixture.Slot
        let folder: String
        let size: Int
        let baud: Int
        let stubDirectory: String?

        func run(_ count: Int, progress: @Sendable (String) -> Void) async throws -> Found {
            var found = Found()
            let peer = target.peer()
            if let peer {
                // The first start reads the program from disk and is not counted.
                found.version = try await peer.version().version
            } else {
                found.skipped =
                    target.isUSB
                    ? "dfu-util is not installed" : "no esptool in STATION_VENV/bin or PATH; pip install esptool"
            }
            let power = PowerController(slot.control, slot: slot.name)
            for round in 1...count {
                progress("round \(round) of \(count) ...")
                let image = BenchImage.make(size, seed: UInt64(round))
                // Whoever goes first changes from round to round.
                for isOurs in round % 2 == 1 ? [true, false] : [false, true] {
                    try BoardFlash.blank(size, in: slot.flashFile, at: target.fileOffset)
                    try await power.perform(.loader)
                    if isOurs {
                        try await ours(image, power, &found)
                    } else if let peer {
                        try await theirs(image, peer, power, &found)
                    }
                }
            }
            return found
        }

        private func ours(_ image: [UInt8], _ power: PowerController, _ found: inout Found) async throws {
            // The board is in its loader already, as it is for the peer.
            let work = BoardFlash(
                slot: slot, target: target, control: .none, baud: baud, stubDirectory: stubDirectory)
            let before = UsedTime.own
            found.ours.append(try await work.run(image))
            found.ourProcessor += UsedTime.own - before
            try await power.perform(.loader)
            found.again.append(try await work.run(image, skipMatching: true).duration)
        }

        private func theirs(
            _ image: [UInt8], _ peer: BenchPeer, _ power: PowerController, _ found: inout Found
        ) async throws {
            found.startUp.append(try await peer.version().duration)
            let file = folder + "/image.bin"
            try Data(image).write(to: URL(fileURLWithPath: file))
            let before = UsedTime.children
            found.peer.append(
                try await peer.write(
                    file, address: target.address, size: size, port: slot.port.description, baud: baud
                ) { try await power.perform(.loader) })
            found.peerProcessor += UsedTime.children - before
            try BoardFlash.check(image, in: slot.flashFile, at: target.fileOffset)
        }
    }

    private func report(
        _ machine: BenchMachine, _ target: BenchTarget, _ size: Int, _ stubs: String?, _ found: Found
    ) -> BenchReport {
        let ours = BenchSamples(found.ours.map(\.duration)).median
        let again = BenchSamples(found.again).median
        let wall = BenchSamples(found.peer).median
        // dfu-util starts twice: to write and to read back.
        let start = BenchSamples(found.startUp).median.map { target.isUSB ? $0 * 2 : $0 }
        let net = wall.flatMap { wall in start.map { wall - $0 } }
        let bytes = found.ours.map(\.bytes).max() ?? 0
        let floor = target.isUSB ? nil : WireFloor.time(bytes: bytes, baud: baud)
        let peerName = target.isUSB ? "dfu-util" : "esptool"
        func perMiB(_ time: Duration, _ count: Int) -> Duration? {
            count > 0 ? time * (1 << 20) / (count * size) : nil
        }
        let (cpu, peerCPU) = (
            perMiB(found.ourProcessor, found.ours.count), perMiB(found.peerProcessor, found.peer.count)
        )
        func line(_ name: String, _ time: Duration?, _ samples: [Duration]) -> String {
            let all = samples.sorted().map { BenchText.fixed($0 / .seconds(1), 2) }.joined(separator: " ")
            let beside = floor.map { ", \(BenchText.ratio(BenchText.quotient(time, $0))) times the floor" } ?? ""
            return "\(name)\(BenchText.time(time))\(beside) (\(all))"
        }
        var figures = [
            line("ours      ", ours, found.ours.map(\.duration)) + ", processor \(BenchText.time(cpu)) a MiB",
            "again     \(BenchText.time(again)) on the unchanged image, "
                + "\(BenchText.ratio(BenchText.quotient(again, ours))) times the first",
        ]
        if let floor {
            figures.append("floor     \(BenchText.time(floor)): \(bytes) bytes on the wire x 10 / \(baud)")
        }
        if let skipped = found.skipped {
            figures.append("peer      skipped: \(skipped)")
        } else {
            figures += [
                line(peerName + String(repeating: " ", count: 10 - peerName.count), wall, found.peer)
                    + ", processor \(BenchText.time(peerCPU)) a MiB, \(found.version ?? "?")",
                "          of it process start-up \(BenchText.time(start)), the rest \(BenchText.time(net))",
                "ratio     ours / \(peerName) without its start-up \(BenchText.ratio(BenchText.quotient(ours, net))), "
                    + "with it \(BenchText.ratio(BenchText.quotient(ours, wall)))",
            ]
        }
        let wire =
            target.isUSB
            ? "on a simulated USB bus that takes no time, its flash at the STM32F405's typical times"
            : "on a pty, each byte paced at \(baud) baud"
        if target.isUSB {
            figures.append(
                "note      processor of ours holds libusb's event thread, which never rests while a simulated device is open: its "
                    + "descriptor always says ready")
        }
        return BenchReport(
            name: "flash", machine: machine,
            method: [
                "one simulated \(target.profile.titleEn) in another process \(wire); \(rounds) rounds by turns, medians;",
                "\(size) random bytes on blank flash, write and verify, board in its loader at the start;",
                target.isUSB
                    ? "ours and dfu-util in ST's DfuSe dialect."
                    : "ours with \(stubs == nil ? "the ROM loader (no stub found)" : "the RAM stub"), "
                        + (found.skipped == nil
                            ? "esptool with its stub, compression as each does it by itself." : "compressed."),
            ], figures: figures,
            values: [
                "board": .string(target.profile.name), "size": .init(size), "baud": .init(baud),
                "rounds": .init(rounds), "stub": .bool(stubs != nil),
                "ours_ms": .init(BenchText.milliseconds(ours)), "floor_ms": .init(BenchText.milliseconds(floor)),
                "again_ms": .init(BenchText.milliseconds(again)),
                "wire_bytes": .init(bytes), "peer": .string(peerName), "peer_version": .init(found.version),
                "peer_ms": .init(BenchText.milliseconds(wall)),
                "peer_start_ms": .init(BenchText.milliseconds(start)), "skipped": .init(found.skipped),
                "processor_ms_mib": .init(BenchText.milliseconds(cpu)),
                "peer_processor_ms_mib": .init(BenchText.milliseconds(peerCPU)),
                "ratio_thousandths": .init(BenchText.thousandths(BenchText.quotient(ours, net))),
                "ratio_with_start_thousandths": .init(BenchText.thousandths(BenchText.quotient(ours, wall))),
                "ratio_to_floor_thousandths": .init(BenchText.thousandths(BenchText.quotient(ours, floor))),
                "ratio_again_thousandths": .init(BenchText.thousandths(BenchText.quotient(again, ours))),
            ])
    }
}

/// Processor time used so far, user and system together.
enum UsedTime {
    static var own: Duration { time(RUSAGE_SELF.rawValue) }
    /// Of children that have ended.
    static var children: Duration { time(RUSAGE_CHILDREN.rawValue) }

    private static func time(_ who: Int32) -> Duration {
        var usage = rusage()
        getrusage(who, &usage)
        func duration(_ value: timeval) -> Duration {
            .seconds(value.tv_sec) + .microseconds(Int64(value.tv_usec))
        }
        return duration(usage.ru_utime) + duration(usage.ru_stime)
    }
}
