import Bench
import BoardProtocols
import Foundation
import Locking
import Testing

@Suite("What the flasher does differently for each family")
struct EspressifFamilyTests {
    /// A chip that is told by its magic word and refuses its security information as real ROMs do: eight times, under
    /// operation 00.
    private static func chip(magic: UInt32, mac: [UInt32: UInt32]) -> ScriptedChip {
        let chip = ScriptedChip()
        chip.set { state in
            state.registers[EspressifChip.magicRegister] = magic
            for (address, word) in mac { state.registers[address] = word }
            state.override = { request, _ in
                guard request.command == .getSecurityInfo else { return nil }
                let refusal = EspressifResponse(0, refusing: .badMessage, statusLength: 4).frame
                return (0..<8).flatMap { _ in refusal }
            }
        }
        return chip
    }

    private static func connect<R>(_ chip: ScriptedChip, _ body: (BoardConnection) async throws -> R) async throws -> R
    {
        let server = try BoardServer { _ in chip.handler() }
        let connection = BoardConnection(
            slot: "1", port: try PortAddress("socket://127.0.0.1:\(server.port)"), options: .init(maxBaud: 460_800))
        let result = try await body(connection)
        await connection.close()
        server.stop()
        return result
    }

    @Test("a refusal under another operation byte is understood at once")
    func refusal() async throws {
        let chip = Self.chip(magic: 0x00F0_1D83, mac: [0x3FF5_A004: 0xA100_0004, 0x3FF5_A008: 0x93_7CDF])
        let start = chip.log.count
        let reading = try await Self.connect(chip) { try await $0.identify() }
        #expect(reading.macHex == "7CDFA1000004")
        #expect(chip.log[start...].count { $0 == EspressifCommand.getSecurityInfo.rawValue } == 1)
    }

    @Test("the ESP32's ROM is asked for a rate that makes up for what it believes of its crystal")
    func crystal() async throws {
        let chip = Self.chip(magic: 0x00F0_1D83, mac: [0x3FF5_A004: 0xA100_0004, 0x3FF5_A008: 0x93_7CDF])
        let asked = Locked<[UInt32]>([])
        let region = FlashRegion(name: "app", offset: 0, image: [1, 2, 3, 4])
        chip.set { state in
            // 808 · 15,625 · 128 / 40: it believes in 40.4 MHz.
            state.registers[0x3FF5_F06C] = 808 << 7
            state.registers[0x3FF5_A010] = 128
            state.digests[0] = Digest.md5(region.padded)
            let before = state.override
            state.override = { request, state in
                if request.command == .changeBaud { asked.withLock { $0.append(request.word(0) ?? 0) } }
                return before?(request, &state)
            }
        }
        let plan = try FlashPlan(regions: [region])
        let report = try await Self.connect(chip) { try await $0.flash(plan) { _ in } }
        #expect(report.baud == 460_800)
        #expect(asked.withLock { $0 } == [465_408])
    }

    @Test("a chip whose ROM may sit behind its own USB gets the stub in blocks of 800h bytes")
    func blocks() {
        #expect(EspressifChip.esp32s3.memoryBlock == 0x800)
        #expect(EspressifChip.esp32s2.memoryBlock == 0x800)
        #expect(EspressifChip.esp32c3.memoryBlock == 0x1800)
    }
}
