import Bench
import BoardProtocols
import Foundation
import Provisioning
import Simulation
import Synchronization
import Testing

@Suite("The STM32 loader against the simulated one")
struct STM32LoaderTests {
    private static let base = STM32Part.flashBase

    private static func f4(_ faults: STM32LoaderModel.Faults = .init(), serial: String? = nil) -> (FlashChip)
        -> STM32LoaderModel?
    { { STM32LoaderModel.f4(flash: $0, uid: STM32Bed.uid, serial: serial, faults: faults) } }

    private static func f1(_ faults: STM32LoaderModel.Faults = .init()) -> (FlashChip) -> STM32LoaderModel? {
        { STM32LoaderModel.f1(flash: $0, uid: STM32Bed.uid, faults: faults) }
    }

    /// Writes and verifies a region; returns whether a block was sent again, and the events.
    private static func flash(_ loader: STM32Loader, _ region: FlashRegion) throws -> (Bool, [FlashEvent]) {
        var events: [FlashEvent] = []
        let plan = try FlashPlan(regions: [region], limit: 1 << 32)
        _ = try loader.prepareFlash(end: plan.end)
        let resent = try loader.write(region) { events.append($0) }
        try loader.verify(region) { events.append($0) }
        return (resent, events)
    }

    @Test("a board is read: name, unique id, serial number in one-time programmable memory")
    func identity() async throws {
        try await STM32Bed.with(Self.f4(serial: "SN-000123")) { bed in
            let reading = try await bed.loader(memory: .init(address: 0x1FFF_7800, length: 32)) { loader in
                #expect(loader.info?.versionText == "3.1")
                return try loader.readBoard()
            }
            #expect(reading.chip == "STM32F405/407/415/417")
            #expect(reading.uid == STM32Bed.uid && reading.uidSource == .chip)
            #expect(reading.identityText == "SN-000123")
            // The loader is in step already: the second session's 7F is refused, which is a sign of life.
            let again = try await bed.loader { try $0.readBoard() }
            #expect(again.uid == STM32Bed.uid && again.identityText == nil)
        }
    }

    @Test("sectors of three sizes are written, held and verified; preserved pages stay untouched")
    func writesF4() async throws {
        try await STM32Bed.with(Self.f4()) { bed in
            let kept = STM32Bed.image(0x4000, seed: 9)
            #expect(bed.flash.program(0xC000, kept) && bed.flash.program(0x2_0000, kept))
            // Sector 4: 64 KiB between preserved neighbours.
            let region = FlashRegion(
                name: "app", offset: Self.base + 0x1_0000, image: STM32Bed.image(0x1_0000 - 3), sector: 0x1_0000)
            let held = try await bed.loader { loader in
                let before = try loader.holds(region)
                let (resent, events) = try Self.flash(loader, region)
                #expect(!resent)
                #expect(events.first == .erasing(region: "app", bytes: 0x1_0000))
                #expect(events.contains(.writing(region: "app", sent: 0x1_0000, total: 0x1_0000)))
                #expect(events.last == .verified(region: "app", md5: Digest.hex(Digest.md5(region.padded))))
                return (before, try loader.holds(region))
            }
            #expect(held == (false, true))
            #expect(bed.flash.read(0x1_0000, region.image.count) == region.image)
            #expect(bed.flash.read(0xC000, 0x4000) == kept && bed.flash.read(0x2_0000, 0x4000) == kept)
            let model = try await bed.model()
            #expect(model.erasedPages == [4] && model.massErases == 0)
        }
    }

    @Test("pages of 2 KiB are erased by the short command, exactly those of the region")
    func writesF1() async throws {
        try await STM32Bed.with(Self.f1()) { bed in
            let kept = STM32Bed.image(0x800, seed: 9)
            #expect(bed.flash.program(0x800, kept) && bed.flash.program(0x2800, kept))
            let region = FlashRegion(
                name: "app", offset: Self.base + 0x1000, image: STM32Bed.image(5000), sector: 0x800)
            _ = try await bed.loader { try Self.flash($0, region) }
            #expect(bed.flash.read(0x1000, 5000) == region.image)
            #expect(bed.flash.read(0x800, 0x800) == kept && bed.flash.read(0x2800, 0x800) == kept)
            #expect(try await bed.model().erasedPages == [2, 3, 4])
        }
    }

    @Test("a region whose sector size is not the chip's is refused before anything is erased")
    func wrongSector() async throws {
        try await STM32Bed.with(Self.f4()) { bed in
            let region = FlashRegion(
                name: "app", offset: Self.base + 0x1_0000, image: STM32Bed.image(0x5000), sector: 0x4000)
            let error = try await bed.loader { loader in
                #expect(throws: LoaderError.self) { _ = try loader.write(region) { _ in } }
            }
            #expect(error?.kind == .flashChip && error?.region == "app")
            #expect(try await bed.model().erasedPages.isEmpty)
        }
    }

    @Test("a release larger than flash is refused")
    func tooLarge() async throws {
        try await STM32Bed.with(Self.f1()) { bed in
            let error = try await bed.loader { loader in
                _ = try loader.prepareFlash(end: UInt64(Self.base) + 512 * 1024)
                return #expect(throws: LoaderError.self) {
                    _ = try loader.prepareFlash(end: UInt64(Self.base) + 512 * 1024 + 1)
                }
            }
            #expect(error?.kind == .flashChip)
        }
    }

    @Test("a stuck bit is a mismatch with its address")
    func stuckBit() async throws {
        try await STM32Bed.with(stuckBit: .init(offset: 0x1_2345, bit: 3), Self.f4()) { bed in
            let region = FlashRegion(
                name: "app", offset: Self.base + 0x1_0000, image: STM32Bed.image(0x4000), sector: 0x1_0000)
            let error = try await bed.loader { loader in
                #expect(throws: LoaderError.self) { _ = try Self.flash(loader, region) }
            }
            #expect(error?.kind == .verifyMismatch)
            #expect(error?.address == Self.base + 0x1_2345 && error?.region == "app")
        }
    }

    @Test("read protection is told from a fault, and is never lifted")
    func protected() async throws {
        try await STM32Bed.with({ STM32LoaderModel.f4(flash: $0, uid: STM32Bed.uid, isReadProtected: true) }) { bed in
            let error = try await bed.loader { loader in
                #expect(throws: LoaderError.self) { _ = try loader.readBoard() }
            }
            #expect(error?.kind == .securityLocked)
            #expect(error?.sentence.contains("erases the whole flash") == true)
            let model = try await bed.model()
            #expect(model.isReadProtected && model.massErases == 0)
        }
    }

    @Test("another part than the profile's is refused by name")
    func wrongChip() async throws {
        try await STM32Bed.with(Self.f1()) { bed in
            let error = try await bed.loader { loader in
                #expect(throws: LoaderError.self) {
                    _ = try loader.detectChip(expected: STM32Part.with(productID: 0x413))
                }
            }
            #expect(error?.kind == .wrongChip && error?.received == "STM32F10x high-density")
        }
    }

    @Test(
        "a block that is refused, done without an answer, or loses a byte is sent again",
        arguments: [
            STM32LoaderModel.Faults(refusedWrite: 2), .init(silentWrite: 2), .init(lostByte: 2900),
            .init(lostByte: 3001),
            .init(lostByte: 3100),
        ])
    func retries(_ faults: STM32LoaderModel.Faults) async throws {
        try await STM32Bed.with(Self.f1(faults)) { bed in
            let region = FlashRegion(name: "app", offset: Self.base, image: STM32Bed.image(4096), sector: 0x800)
            let (resent, events) = try await bed.loader(resumes: false) { try Self.flash($0, region) }
            #expect(bed.flash.read(0, 4096) == region.image)
            let retried = events.contains { if case .retrying = $0 { true } else { false } }
            #expect(resent == retried)
            if faults.lostByte == nil { #expect(resent) }
            #expect(try await bed.model().erasedPages.allSatisfy { $0 < 2 })
        }
    }

    @Test("whichever byte of a session is lost, no page outside the region is erased", .timeLimit(.minutes(3)))
    func everyLostByte() async throws {
        var generator = STM32Bed.Generator(state: 7)
        for extended in [false, true] {
            for _ in 0..<6 {
                let faults = STM32LoaderModel.Faults(lostByte: Int.random(in: 20..<700, using: &generator))
                try await STM32Bed.with(extended ? Self.f4(faults) : Self.f1(faults)) { bed in
                    let kept = STM32Bed.image(0x800, seed: 3)
                    #expect(bed.flash.program(0x1_0000, kept) && bed.flash.program(0x3_F800, kept))
                    let region = FlashRegion(
                        name: "app", offset: Self.base, image: STM32Bed.image(300), sector: extended ? 0x4000 : 0x800)
                    _ = try await bed.loader { try Self.flash($0, region) }
                    #expect(bed.flash.read(0x1_0000, 0x800) == kept && bed.flash.read(0x3_F800, 0x800) == kept)
                    let model = try await bed.model()
                    #expect(model.erasedPages.allSatisfy { $0 == 0 } && model.massErases == 0)
                }
            }
        }
    }

    @Test("an interrupted region is taken up at the first block that differs")
    func resumes() async throws {
        try await STM32Bed.with(Self.f4()) { bed in
            let image = STM32Bed.image(0x5000)
            let region = FlashRegion(name: "app", offset: Self.base, image: image, sector: 0x4000)
            // Sector 0 is complete, sector 1 stops after two blocks.
            #expect(bed.flash.program(0, Array(image[..<0x4200])))
            let writes = try await bed.loader { try Self.flash($0, region) }
            #expect(!writes.0)
            #expect(bed.flash.read(0, 0x5000) == image)
            let model = try await bed.model()
            #expect(model.erasedPages.isEmpty && model.writes == 14)
        }
    }

    @Test("the program is started where the profile says")
    func starts() async throws {
        try await STM32Bed.with(Self.f4()) { bed in
            try await bed.loader(startAddress: Self.base) { try $0.finish() }
            #expect(try await bed.model().startedAt == Self.base)
            #expect(await bed.host.actions.contains(.run))
            let error = await #expect(throws: LoaderError.self) { try await bed.loader { _ in } }
            #expect(error?.kind == .noResponse)
        }
    }
}
