import BoardProtocols
import Foundation
import Provisioning
import Testing

@testable import Bench
@testable import Simulation

/// Espressif's own flasher, run by the station as an external program, against a simulated ESP32-C3.
@Suite("esptool as an external program", .timeLimit(.minutes(10)))
struct ExternalEsptoolTests {
    /// A thread that may block, as a slot has one.
    private actor Hand {
        private let thread = SlotThread(name: "test tool")
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }
        func perform<R: Sendable>(_ body: @Sendable () throws -> R) throws -> R { try body() }
    }

    private static func withLoader<R: Sendable>(
        chip: String = "esp32c3", _ body: @escaping @Sendable (ExternalLoader, FlashChip) throws -> R
    ) async throws -> R {
        let tool = try ExternalTool.esptool(program: try #require(Esptool.path), before: "no-reset")
        let identity = try await ToolIdentityReader().read(tool)
        return try await EspressifWire.with(.esp32c3) { wire in
            // Without a reset line the loader stays at the rate it was set to, so the start's is kept.
            let (link, flash, scratch) = (wire.link, wire.flash, wire.folder.path)
            return try await Hand().perform {
                let loader = ExternalLoader(
                    tool, identity: identity, target: .init(port: link, baud: 115_200, chip: chip, slot: "1"),
                    scratch: scratch)
                return try body(loader, flash)
            }
        }
    }

    private static let region = FlashRegion(
        name: "app", offset: 0x10000,
        image: (0..<50_001).map { UInt8(truncatingIfNeeded: $0 &* $0 &>> 3 ^ $0 &>> 8) })

    @Test(
        "writes with progress, compares, and finds a region in place",
        .enabled(if: Esptool.isThere, "needs STATION_VENV, a Python environment with esptool"))
    func session() async throws {
        try await Self.withLoader { loader, flash in
            #expect(try !loader.holds(Self.region))
            var progress: [Int] = []
            let again = try loader.write(Self.region) {
                if case .writing("app", let sent, _) = $0 { progress.append(sent) }
            }
            #expect(!again)
            #expect(flash.read(0x10000, 50_004) == Self.region.padded)
            #expect(progress.first == 0 && progress.last == 50_004 && progress.count > 3)
            #expect(progress == progress.sorted())
            try loader.verify(Self.region) { _ in }
            #expect(try loader.holds(Self.region))
            guard case .tool("esptool", let version, _) = loader.method else {
                Issue.record("\(loader.method)")
                return
            }
            #expect(version.hasPrefix("5."))
        }
    }

    @Test(
        "another chip than the profile's is told as such",
        .enabled(if: Esptool.isThere, "needs STATION_VENV, a Python environment with esptool"))
    func wrongChip() async throws {
        let error = try await Self.withLoader(chip: "esp32s3") { loader, _ in
            #expect(throws: LoaderError.self) { _ = try loader.write(Self.region) { _ in } }
        }
        #expect(error?.kind == .wrongChip, "\(String(describing: error))")
    }

    @Test(
        "unplugged at random moments the port is lost each time, and the next board is written",
        .enabled(if: Esptool.isThere, "needs STATION_VENV, a Python environment with esptool"))
    func unplug() async throws {
        let identity = try BoardIdentity(mac: [0x7C, 0xDF, 0xA1, 0, 0, 4], uid: Array(1...16))
        let tool = try ExternalTool.esptool(program: try #require(Esptool.path), before: "no-reset")
        let program = try await ToolIdentityReader().read(tool)
        try await withBoardFolder { folder in
            let loop = PollLoop(name: "unplug")
            defer { loop.shutdown() }
            let (link, scratch) = (folder.appendingPathComponent("tty").path, folder.path)
            let hand = Hand()
            var noise = LineNoise(seed: 5)
            // Each round starts esptool anew, which takes seconds.
            let rounds = ProcessInfo.processInfo.environment["STATION_FULL"] == "1" ? 50 : 10
            for round in 0...rounds {
                let flash = try FlashChip(file: nil)
                // Connecting takes about 1,500 bytes, the stub 8,000, the image 15,000 (it goes compressed).
                let moment = round < rounds ? 40 + Int(noise.next() % 12_000) : .max
                let model = EspressifLoaderModel(identity: identity, flash: flash)
                let host = try WireHost(UnpluggedBoard(model: model, left: moment), link: link, loop: loop)
                await host.begin()
                let failure: LoaderError? = try await hand.perform {
                    let loader = ExternalLoader(
                        tool, identity: program, target: .init(port: link, baud: 115_200, chip: "esp32c3", slot: "1"),
                        scratch: scratch)
                    do {
                        _ = try loader.write(Self.region) { _ in }
                        return nil
                    } catch let error as LoaderError { return error }
                }
                if round < rounds {
                    #expect(
                        failure?.kind == .portLost, "round \(round), \(moment) bytes: \(String(describing: failure))")
                } else {
                    #expect(failure == nil, "\(String(describing: failure))")
                    #expect(flash.read(0x10000, 50_004) == Self.region.padded)
                }
                await host.close()
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: scratch)
            #expect(left.filter { $0 != "tty" }.isEmpty, "\(left)")
        }
    }
}
