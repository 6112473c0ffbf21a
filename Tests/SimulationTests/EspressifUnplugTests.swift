import BoardProtocols
import Foundation
import Testing

@testable import Bench
@testable import Simulation

@Suite("Espressif's loader: a board unplugged while it is written", .timeLimit(.minutes(5)))
struct EspressifUnplugTests {
    /// Where this process's descriptors lead.
    private static var descriptors: [String] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return numbers.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
    }

    @Test(
        "at 50 random moments: the port is lost each time, nothing stays open, and the slot works with the next board")
    func unplug() async throws {
        let identity = try BoardIdentity(mac: [0x7C, 0xDF, 0xA1, 0, 0, 4], uid: Array(1...16))
        let images = try FirmwareImages(version: "1.0.0", appSize: 64 << 10)
        let plan = try FlashPlan(
            regions: [
                FlashRegion(name: "bootloader", offset: 0, image: images.bootloader),
                FlashRegion(name: "app", offset: 0x10000, image: images.app),
            ], skipMatching: false)
        try await withBoardFolder { folder in
            let loop = PollLoop(name: "unplug")
            defer { loop.shutdown() }
            let link = folder.appendingPathComponent("tty").path
            let connection = BoardConnection(
                slot: "1", port: try PortAddress(link), options: .init(method: .espressif(chip: .esp32c3)))
            var noise = LineNoise(seed: 50)
            for round in 0..<50 {
                let flash = try FlashChip(file: nil)
                // SYNC and the identity take about 3,000 bytes, all of it about 60,000.
                let moment = 40 + Int(noise.next() % 55_000)
                let model = EspressifLoaderModel(identity: identity, flash: flash)
                let host = try WireHost(UnpluggedBoard(model: model, left: moment), link: link, loop: loop)
                await host.begin()
                let terminal = try FileManager.default.destinationOfSymbolicLink(atPath: link)
                let error = await #expect(throws: LoaderError.self) {
                    _ = try await connection.flash(plan) { _ in }
                }
                #expect(error?.kind == .portLost, "round \(round), \(moment) bytes: \(String(describing: error))")
                await connection.close()
                await host.close()
                // A client's descriptor that was left open shows its terminal as deleted.
                #expect(!Self.descriptors.contains("\(terminal) (deleted)"), "round \(round)")
            }
            let flash = try FlashChip(file: nil)
            let host = try WireHost(EspressifLoaderModel(identity: identity, flash: flash), link: link, loop: loop)
            await host.begin()
            let report = try await connection.flash(plan) { _ in }
            #expect(report.regions.map(\.written) == [true, true])
            await connection.close()
            await host.close()
        }
    }
}
