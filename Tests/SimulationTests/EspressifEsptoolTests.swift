import BoardProtocols
import Foundation
import Testing

@testable import Simulation

/// Espressif's own flasher, unchanged, against every simulated family.
@Suite("esptool against simulated Espressif chips", .timeLimit(.minutes(10)))
struct EspressifEsptoolTests {
    private static let names = EspressifWire.chips.map { $0.name }

    @Test(
        "names the chip, reads its MAC and flash id, writes, verifies and reads back",
        .enabled(if: Esptool.isThere, "needs STATION_VENV, a Python environment with esptool"),
        arguments: names, [false, true])
    func session(_ name: String, stub: Bool) async throws {
        let chip = try #require(EspressifWire.chips.first { $0.name == name })
        try await EspressifWire.with(chip) { wire in
            let loader = stub ? [] : ["--no-stub"]
            let images = try FirmwareImages(version: "1.0.0", appSize: 40_000, chip: chip)
            let image = wire.folder.appendingPathComponent("app.bin")
            try Data(images.app).write(to: image)
            let bootloader = wire.folder.appendingPathComponent("bootloader.bin")
            try Data(images.bootloader).write(to: bootloader)

            let id = try await Esptool.run(wire.link, loader + ["flash-id"])
            #expect(id.contains("7c:df:a1:00:00:04") && id.contains(chip.name), "\(id)")
            #expect(id.contains("Manufacturer: c8") && id.contains("Device: 4016") && id.contains("4MB"), "\(id)")

            // The stub goes back to 115200 baud at the end; the ROM would stay at the rate it was set to.
            let offset = "0x" + String(chip.bootloaderOffset, radix: 16)
            let written = try await Esptool.run(
                wire.link,
                loader + (stub ? ["--baud", "460800"] : []) + [
                    "write-flash", offset, bootloader.path, "0x10000", image.path,
                ])
            let isThere =
                wire.flash.read(Int(chip.bootloaderOffset), images.bootloader.count) == images.bootloader
                && wire.flash.read(0x10000, images.app.count) == images.app
            #expect(isThere, "\(written)")
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
            #expect(
                text.contains("2 segments") || text.contains("Segments: 2") || text.contains("Segment 1"), "\(text)")
        }
    }
}
