import Bench
import BoardProtocols
import Foundation
import Glibc
import Simulation
import Synchronization
import Testing

@Suite("The STM32 loader on a bad line")
struct STM32NoiseTests {
    @Test(
        "garbage on the line gives the right unique id or an error, mostly the id", .timeLimit(.minutes(3)),
        arguments: [(0.005, 12, 8), (0.05, 12, 1), (0.2, 2, 0)])
    func identity(_ rate: Double, _ seeds: Int, _ least: Int) async throws {
        var right = 0
        for seed in 0..<seeds {
            let faults = STM32LoaderModel.Faults(garbage: (UInt64(seed), rate))
            try await STM32Bed.with({ STM32LoaderModel.f4(flash: $0, uid: STM32Bed.uid, faults: faults) }) { bed in
                do {
                    let reading = try await bed.loader { try $0.readBoard() }
                    #expect(reading.uid == STM32Bed.uid)
                    right += 1
                } catch let error as LoaderError {
                    #expect([.noise, .noResponse, .protocolError, .wrongChip, .securityLocked].contains(error.kind))
                }
            }
        }
        #expect(right >= least)
    }

    @Test(
        "a loader left in the middle of a frame is brought back without erasing or writing anything",
        arguments: [
            [0x31], [0x31, 0xCE], [0x31, 0xCE, 0x08, 0x00], [0x31, 0xCE, 0x08, 0, 0, 0, 0x08],
            [0x31, 0xCE, 0x08, 0, 0, 0, 0x08, 0xFF, 0, 0], [0x43, 0xBC], [0x43, 0xBC, 0], [0x43, 0xBC, 0, 5],
            [0x11, 0xEE, 0x08, 0, 0, 0, 0x08],
        ] as [[UInt8]])
    func middleOfFrame(_ begun: [UInt8]) async throws {
        let kept = STM32Bed.image(0x8_0000, seed: 4)
        let make: (FlashChip) -> STM32LoaderModel? = { flash in
            guard flash.program(0, kept), var model = STM32LoaderModel.f1(flash: flash, uid: STM32Bed.uid) else {
                return nil
            }
            _ = model.receive([0x7F] + begun)
            return model
        }
        try await STM32Bed.with(make) { bed in
            let reading = try await bed.loader(afterReset: false) { try $0.readBoard() }
            #expect(reading.uid == STM32Bed.uid)
            #expect((bed.flash.read(0, kept.count) == kept) as Bool)
            #expect(try await bed.model().erasedPages.isEmpty)
        }
    }

    @Test("at the pace of a real line at 115200 baud no answer is given up too early")
    func realPace() async throws {
        try await withBoardFolder { folder in
            let loop = PollLoop(name: "stm32 pace")
            defer { loop.shutdown() }
            let path = folder.appendingPathComponent("tty").path
            let flash = try FlashChip(file: nil)
            var model = try #require(STM32LoaderModel.f4(flash: flash, uid: STM32Bed.uid))
            model.eraseTime = .milliseconds(300)
            let host = try WireHost(model, link: path, pace: .real, loop: loop)
            await host.begin()
            let region = FlashRegion(
                name: "app", offset: STM32Part.flashBase, image: STM32Bed.image(2048), sector: 0x4000)
            let resent = try await STM32Bed.loader(at: path) { loader in
                let resent = try loader.write(region) { _ in }
                try loader.verify(region) { _ in }
                return resent
            }
            #expect(!resent)
            #expect(flash.read(0, 2048) == region.image)
            await host.close()
        }
    }

    @Test("a region is written through a little garbage, and what verifies is right", arguments: 0..<4)
    func write(_ seed: Int) async throws {
        let faults = STM32LoaderModel.Faults(garbage: (UInt64(seed), 0.0005))
        try await STM32Bed.with({ STM32LoaderModel.f1(flash: $0, uid: STM32Bed.uid, faults: faults) }) { bed in
            let region = FlashRegion(
                name: "app", offset: STM32Part.flashBase, image: STM32Bed.image(8192, seed: 5), sector: 0x800)
            do {
                try await bed.loader { loader in
                    try loader.write(region) { _ in }
                    try loader.verify(region) { _ in }
                }
                #expect(bed.flash.read(0, 8192) == region.image)
            } catch let error as LoaderError {
                #expect([.noise, .noResponse, .protocolError, .blockWrite, .verifyMismatch].contains(error.kind))
            }
            #expect(try await bed.model().erasedPages.allSatisfy { $0 < 4 })
        }
    }

    @Test("a board that prints text is not in its loader")
    func text() async throws {
        struct Firmware: WireModel {
            mutating func receive(_ input: [UInt8]) -> [WireAction] { [.send(Array("> unknown command\r\n".utf8))] }
        }
        try await STM32Bed.with({ _ in Firmware() }) { bed in
            let error = await #expect(throws: LoaderError.self) { try await bed.loader { _ in } }
            #expect(error?.kind == .noResponse && error?.sentence.contains("BOOT0") == true)
        }
    }

    @Test("unplugged at fifty moments of a write: the port is lost, nothing leaks, the next board works")
    func unplugged() async throws {
        let region = FlashRegion(
            name: "app", offset: STM32Part.flashBase, image: STM32Bed.image(16_384), sector: 0x800)
        try await withBoardFolder { folder in
            let loop = PollLoop(name: "unplug")
            defer { loop.shutdown() }
            let path = folder.appendingPathComponent("tty").path
            let flash = try FlashChip(file: nil)
            let model = try #require(STM32LoaderModel.f1(flash: flash, uid: STM32Bed.uid))
            var generator = STM32Bed.Generator(state: 42)
            var gone: Set<String> = []
            for _ in 0..<50 {
                // Each attempt starts with other contents, so that it writes again from the first page.
                #expect(flash.erase(0, 0x8000) && flash.program(0, [0]))
                let unplug = AsyncStream<Void>.makeStream()
                let limit = Int.random(in: 60..<17_000, using: &generator)
                let host = try WireHost(
                    UnpluggedModel(model, after: limit) { unplug.continuation.yield() }, link: path, loop: loop)
                await host.begin()
                gone.insert(URL(fileURLWithPath: path).resolvingSymlinksInPath().path + " (deleted)")
                let closing = Task {
                    for await _ in unplug.stream { break }
                    await host.close()
                }
                let error = await #expect(throws: LoaderError.self) {
                    try await STM32Bed.loader(at: path) { loader in
                        try loader.write(region) { _ in }
                        try loader.verify(region) { _ in }
                    }
                }
                await closing.value
                #expect(error?.kind == .portLost, "after \(limit) bytes: \(error.map(String.init(describing:)) ?? "")")
            }
            #expect(await Self.areClosed(gone))
            let host = try WireHost(model, link: path, loop: loop)
            await host.begin()
            try await STM32Bed.loader(at: path) { loader in
                try loader.write(region) { _ in }
                try loader.verify(region) { _ in }
            }
            #expect(flash.read(0, region.image.count) == region.image)
            await host.close()
        }
    }

    /// Whether this process holds none of the terminals. Another test may have had one of these names just now, so a
    /// hit is looked at again.
    private static func areClosed(_ names: Set<String>) async -> Bool {
        for _ in 0..<1000 {
            let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
            let open = numbers.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
            }
            if names.isDisjoint(with: open) { return true }
            await Task.yield()
        }
        return false
    }
}
