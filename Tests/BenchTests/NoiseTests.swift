import Bench
import BoardProtocols
import Locking
import Provisioning
import Testing

@Suite struct NoiseTests {
    /// Damages about one answer byte in `rarity`: flips bits, drops the byte, or puts garbage before it.
    private static func damage(_ bytes: [UInt8], _ state: inout UInt32, rarity: UInt32) -> [UInt8] {
        var damaged: [UInt8] = []
        for byte in bytes {
            state = state &* 1_664_525 &+ 1_013_904_223
            let draw = state >> 8
            guard draw % rarity == 0 else {
                damaged.append(byte)
                continue
            }
            switch draw / rarity % 3 {
            case 0: damaged.append(byte ^ UInt8(truncatingIfNeeded: draw >> 12 | 1))
            case 1: break
            default: damaged += [UInt8(truncatingIfNeeded: draw >> 10), byte]
            }
        }
        return damaged
    }

    @Test(
        "on a damaged line a board has its own identity or none, never another",
        arguments: [UInt32(1), 2, 3, 4], [UInt32(150), 600])
    func identity(_ seed: UInt32, _ rarity: UInt32) async throws {
        let chip = ScriptedChip()
        let server = try BoardServer { number in
            let handler = chip.handler()
            let state = Locked(seed &* 7919 &+ UInt32(number))
            return { bytes in
                handler(bytes).map { answer in state.withLock { Self.damage(answer, &$0, rarity: rarity) } }
            }
        }
        let connection = BoardConnection(
            slot: "1", port: try PortAddress("socket://127.0.0.1:\(server.port)"),
            options: .init(method: .espressif(chip: .esp32c3)))
        do {
            let reading = try await connection.identify()
            #expect(reading.macHex == "7CDFA1000004")
            #expect(reading.uidHex == "01000000020000000300000004000000")
            #expect(reading.uidSource == .chip)
        } catch let error as LoaderError {
            #expect([.noise, .noResponse, .protocolError, .wrongChip].contains(error.kind), "\(error)")
        }
        await connection.close()
        server.stop()
    }
}
