import Bench
import Foundation
import Provisioning
import Simulation

/// Simulated boards in a process of their own, one on each slot, every byte taking its time on the wire.
struct BenchFixture: Sendable {
    /// Holds the plan, the boards' flash and the links to their ports.
    let folder: String
    let slots: Int
    /// Every byte in either direction takes ten bit times at this rate, whatever the UART is set to.
    let baud: Int
    /// What the boards are.
    var family: SimulatedFamily = .esp32c3

    /// A slot with its board.
    struct Slot: Sendable {
        let name: String
        let port: PortAddress
        let control: PowerControl
        /// The board's flash; what the board writes can be read here at once.
        let flashFile: String
    }

    private var plan: String { folder + "/plan.json" }
    private var readyFile: String { folder + "/ready.json" }

    /// Starts the process, places a board on every slot, runs `body`, ends the process.
    func run<R: Sendable>(_ body: @escaping @Sendable ([Slot], _ boards: ProcessTime?) async throws -> R) async throws
        -> R
    {
        try planText.write(toFile: plan, atomically: true, encoding: .utf8)
        let companion = Companion(
            arguments: ["simulate", "fixture", "--plan", plan, "--ready-file", readyFile], input: "",
            logFile: folder + "/fixture.log", readyFile: readyFile)
        return try await companion.run {
            var slots: [Slot] = []
            for (index, address) in try FixtureAddresses.read(from: readyFile).slots.enumerated() {
                try await FixtureClient(address.control).place(index + 1)
                slots.append(
                    Slot(
                        name: address.name, port: try PortAddress(address.port),
                        control: try PowerControl(address.control), flashFile: flashFile(index + 1)))
            }
            return try await body(slots, ProcessTime.child(containing: plan))
        }
    }

    private func flashFile(_ board: Int) -> String { folder + "/\(board).flash" }

    private var planText: String {
        let numbers = 1...slots
        let plan: JSONValue = [
            "slots": .array(
                numbers.map {
                    ["name": .string(String($0)), "link": .string(folder + "/tty\($0)"), "usb": .string("1-\($0)")]
                }),
            "boards": .array(
                numbers.map { number in
                    [
                        "id": .init(number), "mac": .string("6055F9" + Self.hex(number * 4)), "uid": nil, "sn": nil,
                        "imei": nil, "flash": .string(flashFile(number)), "fault": nil,
                        "family": .string(family.rawValue),
                    ]
                }),
            "cloud": nil, "pace": .init(baud),
        ]
        return plan.text
    }

    private static func hex(_ number: Int) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}

/// What is written in a measurement: bytes that no compression shortens.
enum BenchImage {
    /// Where it goes.
    static let offset: UInt32 = 0x1_0000
    /// Smallest and largest size, in bytes: a sector, and what fits behind the offset on a flash of 4 MiB.
    static let sizes = 4096...(4 << 20) - Int(offset)

    /// `count` pseudo-random bytes, the same for the same seed.
    static func make(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = DemoRandom(seed: seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: random.next().littleEndian) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }
}
