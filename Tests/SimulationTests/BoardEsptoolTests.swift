import Foundation
import Testing

@testable import Simulation

/// Espressif's own flasher, unchanged, against the simulated board.
@Suite("esptool against the simulated board")
struct BoardEsptoolTests {
    /// A board in its loader behind TCP or a pty.
    static func withLoader<R>(
        terminal: Bool, _ body: (URL, SimulatedFixture.SlotAddress, _ flash: String) async throws -> R
    ) async throws -> R {
        try await withBoardFolder { folder in
            let link = folder.appendingPathComponent("tty").path
            let flash = folder.appendingPathComponent("a.flash").path
            let configuration = BoardConfiguration(
                identity: BoardLoaderTests.identity,
                port: terminal ? .terminal(link: link) : .listener(host: "127.0.0.1", port: 0), flashFile: flash)
            return try await withBoard(configuration) { try await body(folder, $0, flash) }
        }
    }

    @Test(
        "reads MAC and flash id, writes, verifies, reads back and erases",
        .enabled(if: Esptool.isThere, "needs STATION_VENV, a Python environment with esptool"), .timeLimit(.minutes(5)),
        arguments: [(false, false), (false, true), (true, false), (true, true)])
    func session(terminal: Bool, stub: Bool) async throws {
        try await Self.withLoader(terminal: terminal) { folder, address, flash in
            let loader = stub ? [] : ["--no-stub"]
            let image = folder.appendingPathComponent("app.bin")
            try Data(FirmwareImages(version: "1.0.0", appSize: 40_000).app).write(to: image)

            #expect(try await Esptool.run(address.port, loader + ["read-mac"]).contains("7c:df:a1:00:00:04"))
            let id = try await Esptool.run(address.port, loader + ["flash-id"])
            #expect(id.contains("Manufacturer: c8") && id.contains("Device: 4016"))
            #expect(id.contains("4MB"))
            let writing = loader + ["--baud", "921600", "write-flash", "0x10000", image.path]
            let written = try await Esptool.run(address.port, writing)
            #expect(written.contains("Hash of data verified"))
            // A pty obeys rates: without a reset line esptool cannot bring the ROM back from 921600 baud.
            #expect(try await onThread { try BoardTestClient(address.control).command("loader") } == "ok")
            let verified = try await Esptool.run(address.port, loader + ["verify-flash", "0x10000", image.path])
            #expect(verified.contains("Verification successful"))
            let copy = folder.appendingPathComponent("copy.bin")
            _ = try await Esptool.run(address.port, loader + ["read-flash", "0x10000", "40000", copy.path])
            #expect(try Data(contentsOf: copy) == Data(contentsOf: image))
            let chip = try FlashChip(file: flash)
            #expect(try Data(chip.read(0x10000, 40_000)) == Data(contentsOf: image))
            _ = try await Esptool.run(address.port, loader + ["erase-region", "0x10000", "0x1000"])
            #expect(chip.read(0x10000, 0x1000).allSatisfy { $0 == 0xFF })
            #expect(try Data(chip.read(0x11000, 0x1000)) == Data(contentsOf: image)[0x1000..<0x2000])
        }
    }
}
