import Bench
import BoardProtocols
import Foundation
import Provisioning
import Testing

@testable import Simulation

/// A simulated chip in its loader, behind a pseudo terminal.
struct EspressifWire {
    static let flashUID: [UInt8] = [0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8]
    static let octets: [UInt8] = [0x7C, 0xDF, 0xA1, 0x00, 0x00, 0x04]
    static let chips: [EspressifChip] = [.esp8266, .esp32, .esp32s3, .esp32c3]

    /// esptool's stub files; nil where esptool is not installed.
    static let stubs: String? = {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["STATION_STUB_DIRECTORY"] { return folder }
        guard let venv = environment["STATION_VENV"],
            let versions = try? FileManager.default.contentsOfDirectory(atPath: "\(venv)/lib")
        else { return nil }
        return versions.map { "\(venv)/lib/\($0)/site-packages/esptool/targets/stub_flasher/2" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()

    let link: String
    let folder: URL
    let flash: FlashChip
    let identity: BoardIdentity
    let chip: EspressifChip
    let host: WireHost

    /// Resets the board into its loader, as a fixture would.
    func reset() async { await host.replace(EspressifLoaderModel(identity: identity, flash: flash, chip: chip)) }

    static func with<R>(_ chip: EspressifChip, _ body: (EspressifWire) async throws -> R) async throws -> R {
        try await withBoardFolder { folder in
            let flash = try FlashChip(file: nil)
            let identity = try BoardIdentity(mac: octets, uid: Array(1...16), flashUID: flashUID)
            let link = folder.appendingPathComponent("tty").path
            let loop = PollLoop(name: "wire")
            let host = try WireHost(
                EspressifLoaderModel(identity: identity, flash: flash, chip: chip), link: link, loop: loop)
            await host.begin()
            let result: Result<R, any Error>
            do {
                result = .success(
                    try await body(
                        EspressifWire(
                            link: link, folder: folder, flash: flash, identity: identity, chip: chip, host: host)))
            } catch {
                result = .failure(error)
            }
            await host.close()
            loop.shutdown()
            return try result.get()
        }
    }
}

@Suite("The station's flasher against simulated Espressif chips", .timeLimit(.minutes(5)))
struct EspressifWireTests {
    private static func plan(_ chip: EspressifChip) throws -> FlashPlan {
        let images = try FirmwareImages(version: "1.0.0", appSize: 40_000, chip: chip)
        return try FlashPlan(regions: [
            FlashRegion(name: "bootloader", offset: chip.bootloaderOffset, image: images.bootloader),
            FlashRegion(name: "partition-table", offset: 0x8000, image: images.partitionTable),
            FlashRegion(name: "app", offset: 0x10000, image: images.app),
        ])
    }

    private static func connection(_ wire: EspressifWire, stubs: String?) throws -> BoardConnection {
        BoardConnection(
            slot: "1", port: try PortAddress(wire.link),
            options: .init(maxBaud: 460_800, stubDirectory: stubs, method: .espressif(chip: wire.chip)))
    }

    @Test("a board says its chip, its MAC and the id of chip or flash", arguments: EspressifWire.chips)
    func identify(_ chip: EspressifChip) async throws {
        try await EspressifWire.with(chip) { wire in
            let connection = try Self.connection(wire, stubs: nil)
            let reading = try await connection.identify()
            await connection.close()
            #expect(reading.chip == chip.name)
            #expect(reading.mac == EspressifWire.octets)
            let hasOwnID = chip.uniqueID != nil
            #expect(reading.uidSource == (hasOwnID ? .chip : .flash))
            #expect(reading.uid == (hasOwnID ? Array(1...16) : EspressifWire.flashUID))
        }
    }

    @Test("the ROM alone writes a release, verifies it and finds it there again", arguments: EspressifWire.chips)
    func rom(_ chip: EspressifChip) async throws {
        try await EspressifWire.with(chip) { wire in
            let connection = try Self.connection(wire, stubs: nil)
            if chip == .esp8266 {
                await #expect {
                    _ = try await connection.flash(try Self.plan(chip)) { _ in }
                } throws: {
                    ($0 as? LoaderError)?.kind == .stub && "\($0)".contains("needs the stub")
                }
                #expect(wire.flash.read(0, wire.flash.size).allSatisfy { $0 == 0xFF })
            } else {
                try await Self.flashTwice(wire, connection)
            }
            await connection.close()
        }
    }

    @Test(
        "with the stub a release is written, verified and found there again",
        .enabled(if: EspressifWire.stubs != nil, "needs STATION_VENV, a Python environment with esptool"),
        arguments: EspressifWire.chips)
    func stub(_ chip: EspressifChip) async throws {
        try await EspressifWire.with(chip) { wire in
            let connection = try Self.connection(wire, stubs: EspressifWire.stubs)
            let report = try await Self.flashTwice(wire, connection)
            guard case .stub(chip.stubName, _) = report.method else {
                Issue.record("expected the stub, received \(report.method)")
                return
            }
            #expect((await wire.host.current as? EspressifLoaderModel)?.runsStub == true)
            await connection.close()
        }
    }

    @discardableResult
    private static func flashTwice(
        _ wire: EspressifWire, _ connection: BoardConnection
    ) async throws -> FlashReport {
        let plan = try plan(wire.chip)
        let first = try await connection.flash(plan) { _ in }
        #expect(first.regions.map(\.written) == [true, true, true])
        #expect(first.baud == 460_800)
        for region in plan.regions { #expect(wire.flash.read(Int(region.offset), region.image.count) == region.image) }
        let second = try await connection.flash(plan) { _ in
            Issue.record("nothing is erased")
        }
        #expect(second.regions.map(\.written) == [false, false, false])
        guard case .application(let installed) = BootSequence(wire.flash, chip: wire.chip).outcome else {
            Issue.record("the release does not boot: \(BootSequence(wire.flash, chip: wire.chip).lines)")
            return first
        }
        #expect(installed.version == "1.0.0")
        return first
    }
}
