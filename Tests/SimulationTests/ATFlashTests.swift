import BoardProtocols
import Foundation
import Glibc
import Simulation
import Synchronization
import Testing

@testable import Bench

@Suite("Flash by AT+SYSFLASH") struct ATFlashTests {
    static let image = (0..<20_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    static let region = FlashRegion(name: "user_data", offset: 0x30000, image: image)

    @Test(
        "a partition is erased, written, verified and then known to hold its image",
        arguments: [false, true], [false, true])
    func roundTrip(chatter: Bool, confirms: Bool) async throws {
        var settings = ATModuleSettings(.espAT)
        settings.confirmsBeforePrompt = confirms
        settings.unsolicited = chatter ? ["+IPD: 1", "WIFI GOT IP"] : []
        settings.keepsEcho = chatter
        try await ATBench.with(settings) { bench in
            _ = bench.flash.program(0x30000, [UInt8](repeating: 0, count: 0x1000))
            let (held, resent, events, method) = try await bench.session { session in
                try session.open()
                let loader = ATFlashLoader(session: session)
                _ = try loader.readBoard()
                _ = try loader.prepareFlash(end: 0x50000)
                let before = try loader.holds(Self.region)
                var events: [FlashEvent] = []
                let resent = try loader.write(Self.region) { events.append($0) }
                try loader.verify(Self.region) { events.append($0) }
                return ([before, try loader.holds(Self.region)], resent, events, loader.method)
            }
            #expect(held == [false, true])
            #expect(!resent)
            #expect(events.first == .erasing(region: "user_data", bytes: 20480))
            #expect(events.contains(.writing(region: "user_data", sent: 20004, total: 20004)))
            #expect(method != .loader(name: "ESP-AT SYSFLASH", version: "unknown"))
            #expect(bench.flash.read(0x30000, 20_004) == Self.region.padded)
            #expect(bench.flash.read(0x30000 + 20_004, 476).allSatisfy { $0 == 0xFF })
        }
    }

    @Test("flash that does not keep a bit fails the verification at its address")
    func mismatch() async throws {
        let chip = try FlashChip(file: nil, stuckBit: .init(offset: 0x31234, bit: 3, value: nil))
        try await ATBench.with(ATModule(ATModuleSettings(.espAT), flash: chip), flash: chip) { bench in
            let error = await #expect(throws: LoaderError.self) {
                _ = try await bench.session { session in
                    try session.open()
                    let loader = ATFlashLoader(session: session)
                    _ = try loader.prepareFlash(end: 0x50000)
                    _ = try loader.write(Self.region) { _ in }
                    try loader.verify(Self.region) { _ in }
                }
            }
            #expect(error?.kind == .verifyMismatch)
            #expect(error?.address == 0x31234)
            #expect(error?.region == "user_data")
        }
    }

    @Test(
        "a region that the module's partitions do not fit is refused before anything is erased",
        arguments: [
            FlashRegion(name: "app", offset: 0x30000, image: [1]),
            FlashRegion(name: "user_data", offset: 0x20000, image: [1]),
            FlashRegion(name: "user_data", offset: 0x4F000, image: [UInt8](repeating: 1, count: 4097)),
        ])
    func places(_ region: FlashRegion) async throws {
        try await ATBench.with(ATModuleSettings(.espAT)) { bench in
            let error = await #expect(throws: LoaderError.self) {
                _ = try await bench.session { session in
                    try session.open()
                    let loader = ATFlashLoader(session: session)
                    _ = try loader.prepareFlash(end: 0x50000)
                    return try loader.write(region) { _ in }
                }
            }
            #expect(error?.kind == .protocolError)
            #expect(error?.region == region.name)
        }
    }

    @Test("a release that needs more flash than the partitions reach is refused")
    func tooSmall() async throws {
        try await ATBench.with(ATModuleSettings(.espAT)) { bench in
            let error = await #expect(throws: LoaderError.self) {
                _ = try await bench.session { session in
                    try session.open()
                    return try ATFlashLoader(session: session).prepareFlash(end: 0x50001)
                }
            }
            #expect(error?.kind == .flashChip)
        }
    }

    @Test("a piece that loses bytes on its way is erased and sent anew")
    func lostBytes() async throws {
        let chip = try FlashChip(file: nil)
        let model = LossyModel(inner: ATModule(ATModuleSettings(.espAT), flash: chip), losesAfter: 6000, count: 7)
        try await ATBench.with(model, flash: chip) { bench in
            let (resent, events) = try await bench.session { session in
                try session.open()
                let loader = ATFlashLoader(session: session)
                _ = try loader.prepareFlash(end: 0x50000)
                var events: [FlashEvent] = []
                let resent = try loader.write(Self.region) { events.append($0) }
                try loader.verify(Self.region) { _ in }
                return (resent, events)
            }
            #expect(resent)
            #expect(events.contains { if case .retrying = $0 { true } else { false } })
            #expect(chip.read(0x30000, 20_004) == Self.region.padded)
        }
    }

    @Test("a board unplugged at any moment of a write is a lost port, and no descriptor is left")
    func unplugged() async {
        await #expect(processExitsWith: .success) {
            func descriptors() -> Int {
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
            }
            func once(_ moment: Int) async throws -> LoaderError.Kind? {
                let chip = try FlashChip(file: nil)
                let (tripped, trip) = AsyncStream.makeStream(of: Void.self)
                let model = UnpluggedModule(
                    inner: ATModule(ATModuleSettings(.espAT), flash: chip), left: moment, trip: { trip.finish() })
                var kind: LoaderError.Kind?
                try await ATBench.with(model, flash: chip) { bench in
                    async let unplugging: Void = {
                        for await _ in tripped {}
                        await bench.host.close()
                    }()
                    kind = try await bench.session { session in
                        do {
                            try session.open()
                            let loader = ATFlashLoader(session: session)
                            _ = try loader.prepareFlash(end: 0x50000)
                            _ = try loader.write(ATFlashTests.region) { _ in }
                            return nil
                        } catch let error as LoaderError {
                            return error.kind
                        }
                    }
                    await unplugging
                }
                return kind
            }
            var random = SystemRandomNumberGenerator()
            _ = try await once(500)
            let before = descriptors()
            for _ in 0..<50 {
                // Opening takes some 60 bytes, the write 20,004 and its commands.
                let moment = Int.random(in: 100...20_000, using: &random)
                let kind = try await once(moment)
                #expect(kind == .portLost, "unplugged after \(moment) bytes")
            }
            #expect(descriptors() == before)
        }
    }
}

/// Loses some bytes on their way to the module, once.
struct LossyModel: WireModel {
    var inner: ATModule
    /// Received before the loss.
    var losesAfter: Int
    var count: Int

    mutating func receive(_ input: [UInt8]) -> [WireAction] {
        var kept: [UInt8] = []
        for byte in input {
            if losesAfter > 0 {
                losesAfter -= 1
                kept.append(byte)
            } else if count > 0 {
                count -= 1
            } else {
                kept.append(byte)
            }
        }
        return inner.receive(kept)
    }
}

/// Is unplugged once it has received so many bytes.
struct UnpluggedModule: WireModel {
    var inner: ATModule
    var left: Int
    let trip: @Sendable () -> Void

    mutating func receive(_ input: [UInt8]) -> [WireAction] {
        left -= input.count
        guard left <= 0 else { return inner.receive(input) }
        trip()
        return [.unplug]
    }
}
