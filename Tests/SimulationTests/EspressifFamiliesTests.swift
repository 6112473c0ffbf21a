import Bench
import BoardProtocols
import Foundation
import Provisioning
import Testing

@testable import Simulation

/// Every family the station can name, those without a chip model of their own included.
@Suite("Every simulated Espressif chip", .timeLimit(.minutes(10)))
struct EspressifFamiliesTests {
    static let names = EspressifChip.all.map(\.name)
    static let romFlashed = EspressifChip.all.filter(\.romWritesCompressed).map(\.name)

    private static func chip(_ name: String) throws -> EspressifChip {
        try #require(EspressifChip.all.first { $0.name == name })
    }

    @Test(
        "esptool names the chip, reads its MAC and flash id, writes, verifies and reads back",
        .enabled(if: Esptool.isThere, "needs STATION_VENV, a Python environment with esptool"),
        arguments: names, [false, true])
    func esptool(_ name: String, stub: Bool) async throws {
        let chip = try Self.chip(name)
        try await EspressifWire.with(chip) { wire in
            let loader = stub ? [] : ["--no-stub"]
            let images = try FirmwareImages(version: "1.0.0", appSize: 40_000, chip: chip)
            let image = wire.folder.appendingPathComponent("app.bin")
            try Data(images.app).write(to: image)
            let bootloader = wire.folder.appendingPathComponent("bootloader.bin")
            try Data(images.bootloader).write(to: bootloader)
            let information = try await Esptool.run(wire.link, ["--chip", chip.stubName, "image-info", image.path])
            #expect(information.contains("(valid)"), "\(information)")
            let mac = try await Esptool.run(wire.link, loader + ["read-mac"])
            #expect(mac.contains("7c:df:a1:00:00:04") && mac.contains(chip.name), "\(mac)")
            let id = try await Esptool.run(wire.link, loader + ["flash-id"])
            #expect(id.contains("Manufacturer: c8") && id.contains("Device: 4016") && id.contains("4MB"), "\(id)")
            let written = try await Esptool.run(
                wire.link,
                loader + [
                    "write-flash", "0x\(String(chip.bootloaderOffset, radix: 16))", bootloader.path, "0x10000",
                    image.path,
                ])
            // A comparison of arrays inside the expectation would look for their smallest difference for minutes.
            let isThere =
                wire.flash.read(Int(chip.bootloaderOffset), images.bootloader.count) == images.bootloader
                && wire.flash.read(0x10000, images.app.count) == images.app
            #expect(isThere, "\(written)")
            // The ESP8266's ROM can neither compute a digest nor read its flash.
            guard stub || chip.romWritesCompressed else { return }
            #expect(written.contains("Hash of data verified"), "\(written)")
            let verified = try await Esptool.run(wire.link, loader + ["verify-flash", "0x10000", image.path])
            #expect(verified.contains("Verification successful"))
            let copy = wire.folder.appendingPathComponent("copy.bin")
            _ = try await Esptool.run(wire.link, loader + ["read-flash", "0x10000", "40000", copy.path])
            let isSame = try Data(contentsOf: copy) == Data(images.app)
            #expect(isSame)
        }
    }

    @Test(
        "the station's flasher identifies, writes and finds the release there again by the ROM", arguments: romFlashed)
    func rom(_ name: String) async throws {
        try await Self.flash(try Self.chip(name), stubs: nil)
    }

    @Test(
        "the station's flasher identifies, writes and finds the release there again by the stub",
        .enabled(if: EspressifWire.stubs != nil, "needs STATION_VENV, a Python environment with esptool"),
        arguments: names)
    func stub(_ name: String) async throws {
        try await Self.flash(try Self.chip(name), stubs: EspressifWire.stubs)
    }

    private static func flash(_ chip: EspressifChip, stubs: String?) async throws {
        let images = try FirmwareImages(version: "1.0.0", appSize: 40_000, chip: chip)
        let plan = try FlashPlan(regions: [
            FlashRegion(name: "bootloader", offset: chip.bootloaderOffset, image: images.bootloader),
            FlashRegion(name: "partition-table", offset: 0x8000, image: images.partitionTable),
            FlashRegion(name: "app", offset: 0x10000, image: images.app),
        ])
        try await EspressifWire.with(chip) { wire in
            let connection = BoardConnection(
                slot: "1", port: try PortAddress(wire.link),
                options: .init(maxBaud: 460_800, stubDirectory: stubs, method: .espressif(chip: chip)))
            let reading = try await connection.identify()
            #expect(reading.chip == chip.name)
            #expect(reading.mac == EspressifWire.octets)
            #expect(reading.uidSource == (chip.uniqueID == nil ? .flash : .chip))
            #expect(reading.uid == (chip.uniqueID == nil ? EspressifWire.flashUID : Array(1...16)))
            let first = try await connection.flash(plan) { _ in }
            #expect(first.regions.map(\.written) == [true, true, true])
            if case .stub(let name, _) = first.method {
                #expect(stubs != nil && name == chip.stubName)
            } else {
                #expect(stubs == nil, "\(first.method)")
            }
            let second = try await connection.flash(plan) { _ in }
            #expect(second.regions.map(\.written) == [false, false, false])
            await connection.close()
            let boot = BootSequence(wire.flash, chip: chip)
            guard case .application(let installed) = boot.outcome else {
                Issue.record("the release does not boot: \(boot.lines)")
                return
            }
            #expect(installed.version == "1.0.0")
        }
    }
}
