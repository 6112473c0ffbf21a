import BoardProtocols
import Foundation
import Simulation
import Testing

/// stm32flash, unchanged, against the simulated loader. A pty carries no parity bit, so it is told 8N1.
@Suite("stm32flash against the simulated STM32 loader")
struct STM32FlashToolTests {
    static let tool = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/stm32flash" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    private static func run(_ port: String, _ arguments: [String]) async throws -> String {
        try await runTool(tool ?? "stm32flash", ["-m", "8n1", "-b", "115200"] + arguments + [port])
    }

    @Test(
        "identifies, writes, verifies and reads back 64 KiB", .enabled(if: tool != nil, "stm32flash is not installed"),
        .timeLimit(.minutes(3)), arguments: [UInt16(0x413), 0x414])
    func session(_ product: UInt16) async throws {
        let make: (FlashChip) -> STM32LoaderModel? = {
            product == 0x413
                ? .f4(flash: $0, uid: STM32Bed.uid) : .f1(flash: $0, uid: STM32Bed.uid)
        }
        try await withBoardFolder { folder in
            let image = STM32Bed.image(0x1_0000, seed: 11)
            let file = folder.appendingPathComponent("app.bin")
            let copy = folder.appendingPathComponent("copy.bin")
            try Data(image).write(to: file)
            try await STM32Bed.with(make) { bed in
                let identity = try await Self.run(bed.path, [])
                #expect(identity.contains("Device ID    : 0x0\(String(product, radix: 16))"))
                let kept = STM32Bed.image(0x800, seed: 2)
                #expect(bed.flash.program(0x2_0000, kept))
                let written = try await Self.run(bed.path, ["-w", file.path, "-v", "-S", "0x08000000:0x10000"])
                #expect(written.contains("100.00%"))
                #expect(bed.flash.read(0, image.count) == image)
                #expect(bed.flash.read(0x2_0000, 0x800) == kept)
                _ = try await Self.run(bed.path, ["-r", copy.path, "-S", "0x08000000:0x10000"])
                #expect(try Data(contentsOf: copy) == Data(image))
                _ = try await Self.run(bed.path, ["-g", "0x08000000"])
                #expect(try await bed.model().startedAt == STM32Part.flashBase)
            }
        }
    }
}
