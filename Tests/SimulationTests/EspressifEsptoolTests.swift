import BoardProtocols
import Foundation
import Testing

@testable import Simulation

/// Espressif's own flasher, unchanged, against every simulated family.
@Suite("esptool against simulated Espressif chips", .timeLimit(.minutes(10)))
struct EspressifEsptoolTests {
    private static let cases: [(EspressifChip, Bool)] = EspressifWire.chips.flatMap { [($0, false), ($0, true)] }

    @Test(
        "names the chip, reads its MAC and flash id, writes, verifies and reads back",
        .enabled(if: Esptool.isThere, "needs STATION_VENV, a Python environment with esptool"),
        arguments: cases)
    func session(_ chip: EspressifChip, stub: Bool) async throws {
        try await EspressifWire.with(chip) { wire in
            let loader = stub ? [] : ["--no-stub"]
            let images = try FirmwareImages(version: "1.0.0", appSize: 40_000, chip: chip)
            let image = wire.folder.appendingPathComponent("app.bin")
            try Data(images.app).write(to: image)
            let bootloader = wire.folder.appendingPathComponent("bootloader.bin")
            try Data(images.bootloader).write(to: bootloader)

            let mac = try await Esptool.run(wire.link, loader + ["read-mac"])
            #expect(mac.contains("7c:df:a1:00:00:04"))
            #expect(mac.contains(chip.name), "\(mac)")
            let id = try await Esptool.run(wire.link, loader + ["flash-id"])
            #expect(id.contains("Manufacturer: c8") && id.contains("Device: 4016") && id.contains("4MB"), "\(id)")

            // The stub goes back to 115200 baud at the end; the ROM would stay at the rate it was set to.
            let offset = "0x" + String(chip.bootloaderOffset, radix: 16)
            let written = try await Esptool.run(
                wire.link,
                loader + (stub ? ["--baud", "460800"] : []) + [
                    "write-flash", offset, bootloader.path, "0x10000", image.path,
                ])
            #expect(wire.flash.read(Int(chip.bootloaderOffset), images.bootloader.count) == images.bootloader)
            #expect(wire.flash.read(0x10000, images.app.count) == images.app)
            // The ESP8266's ROM can neither compute a digest nor read its flash.
            guard stub || chip != .esp8266 else { return }
            #expect(written.contains("Hash of data verified"), "\(written)")
            let verified = try await Esptool.run(
                wire.link, loader + ["verify-flash", "0x10000", image.path])
            #expect(verified.contains("Verification successful"))
            let copy = wire.folder.appendingPathComponent("copy.bin")
            _ = try await Esptool.run(
                wire.link, loader + ["read-flash", "0x10000", "40000", copy.path])
            #expect(try Data(contentsOf: copy) == Data(images.app))
        }
    }

    @Test(
        "takes the release's images for images of that chip",
        .enabled(if: Esptool.isThere, "needs STATION_VENV, a Python environment with esptool"),
        arguments: EspressifWire.chips)
    func images(_ chip: EspressifChip) async throws {
        try await EspressifWire.with(chip) { wire in
            let images = try FirmwareImages(version: "1.0.0", appSize: 40_000, chip: chip)
            let file = wire.folder.appendingPathComponent("app.bin")
            try Data(images.app).write(to: file)
            let text = try await Esptool.run(
                wire.link, ["--chip", chip.stubName, "image-info", file.path])
            #expect(text.contains("(valid)"), "\(text)")
            #expect(text.contains("2 segments") || text.contains("Segments: 2") || text.contains("Segment 1"), "\(text)")
        }
    }
}
