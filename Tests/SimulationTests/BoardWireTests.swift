import BoardProtocols
import Foundation
import Glibc
import Testing

@testable import Simulation

@Suite("The simulated board's wire")
struct BoardWireTests {
    @Test("paced bytes take ten bit times each, in both directions", arguments: [115_200, 921_600])
    func pacing(baud: Int) {
        var wire = SerialWire(pace: .real)
        wire.baud = baud
        let start = ContinuousClock.now
        let count = baud / 10
        wire.receive([UInt8](repeating: 1, count: count), clientBaud: baud, now: start)
        wire.send([UInt8](repeating: 2, count: count), now: start)
        #expect(wire.takeInput(now: start + .milliseconds(999)) == nil)
        let input = wire.takeInput(now: start + .milliseconds(1001))
        #expect(input?.bytes.count == count)
        #expect((input?.arrived ?? start) - start > .milliseconds(999))
        let half = wire.takeOutput(now: start + .milliseconds(500))
        #expect(abs((half?.bytes.count ?? 0) - count / 2) <= 1)
        #expect(wire.takeOutput(now: start + .milliseconds(500)) == nil)
        let rest = wire.takeOutput(now: start + .milliseconds(1001))
        #expect((half?.bytes.count ?? 0) + (rest?.bytes.count ?? 0) == count)
        #expect(wire.nextDeadline(now: start) == nil)
    }

    @Test("an answer sent before a change of rate leaves at the old rate")
    func changeOfRate() {
        var wire = SerialWire(pace: .real)
        let start = ContinuousClock.now
        wire.send([1, 2, 3], now: start)
        wire.baud = 921_600
        wire.send([4], now: start)
        let later = start + .seconds(1)
        #expect(wire.takeOutput(now: later)?.baud == 115_200)
        #expect(wire.takeOutput(now: later)?.baud == 921_600)
    }

    @Test("bytes at a rate the board does not listen at are noise without frame ends")
    func wrongRate() {
        var wire = SerialWire(pace: .unpaced)
        let start = ContinuousClock.now
        wire.receive(EspressifRequest.sync.frame, clientBaud: 921_600, now: start)
        let heard = wire.takeInput(now: start)?.bytes ?? []
        #expect(!heard.isEmpty)
        #expect(!heard.contains(SLIP.end))
        wire.receive(EspressifRequest.sync.frame, clientBaud: 117_000, now: start)
        #expect(wire.takeInput(now: start)?.bytes == EspressifRequest.sync.frame)
    }

    @Test("on a pty the board answers at its own rate only, and follows CHANGE_BAUDRATE")
    func terminal() async throws {
        try await withBoardFolder { folder in
            let link = folder.appendingPathComponent("tty").path
            let configuration = BoardConfiguration(
                identity: BoardLoaderTests.identity, port: .terminal(link: link), startsInLoader: true)
            try await withBoard(configuration) { _ in
                let values = try await onThread {
                    let client = try BoardTestClient(link, baud: speed_t(B921600))
                    try client.write(EspressifRequest.sync.frame)
                    let noise = client.read(within: 1)
                    client.setBaud(speed_t(B115200))
                    let slow = try client.ask(.readRegister(0x6000_8844)).value
                    _ = try client.ask(.changeBaud(to: 921_600, current: 0))
                    client.setBaud(speed_t(B921600))
                    let fast = try client.ask(.readRegister(0x6000_8844)).value
                    return (noise, slow, fast)
                }
                #expect(values.0 == [])
                #expect(values.1 == 0xA100_0004)
                #expect(values.2 == 0xA100_0004)
            }
        }
    }

    @Test("TCP clients come one after another and find the loader as it was left")
    func clients() async throws {
        let configuration = BoardConfiguration(
            identity: BoardLoaderTests.identity, port: .listener(host: "127.0.0.1", port: 0))
        try await withBoard(configuration) { address in
            let port = address.port
            for round in 0..<3 {
                let rom = try await onThread { try BoardTestClient(port).ask(.sync).value }
                #expect((rom == 0) == (round > 0))
                _ = try await onThread {
                    let client = try BoardTestClient(port)
                    _ = try client.ask(.memoryBegin(size: 16, blocks: 1, blockSize: 16, address: 0x4038_0000))
                    _ = try client.ask(.memoryData(sequence: 0, [UInt8](repeating: 0, count: 16)))
                    return try client.ask(.memoryEnd(entry: 0x4038_0000)).value
                }
            }
        }
    }

    @Test("noise on what the board sends is the same for the same seed")
    func garbage() {
        var first = LineNoise(seed: 7)
        var second = LineNoise(seed: 7)
        let bytes = [UInt8](repeating: 0x41, count: 4000)
        let disturbed = first.disturb(bytes, rate: 0.01)
        #expect(disturbed == second.disturb(bytes, rate: 0.01))
        #expect(disturbed != bytes)
        #expect(first.disturb(bytes, rate: 0) == bytes)
    }
}

/// Runs a board with its control socket for the length of `body`.
func withBoard<R>(
    _ configuration: BoardConfiguration, _ body: (SimulatedFixture.SlotAddress) async throws -> R
) async throws -> R {
    let standalone = try StandaloneBoard(configuration)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await standalone.run() }
        defer { group.cancelAll() }
        // The control socket answers once the board serves its port.
        _ = try await onThread { [control = standalone.address.control] in
            try BoardTestClient(control).command("present?")
        }
        return try await body(standalone.address)
    }
}
