import Bench
import BoardProtocols
import Locking
import Testing

@Suite struct BaudTests {
    private static let region = FlashRegion(name: "app", offset: 0, image: [UInt8](repeating: 3, count: 100))

    /// A chip that answers nothing while its rate is over `limit`; the fixture's `loader` brings it back.
    private static func bed(limit: UInt32) throws -> (BoardConnection, ScriptedChip, [BoardServer]) {
        let chip = ScriptedChip()
        let rate = Locked(UInt32(115_200))
        chip.set { state in
            state.digests[0] = Digest.md5(region.padded)
            state.override = { request, _ in
                let now = rate.withLock { $0 }
                if request.command == .changeBaud { rate.withLock { $0 = request.word(0) ?? 0 } }
                return now > limit ? [] : nil
            }
        }
        let board = try BoardServer { _ in chip.handler() }
        let fixture = try BoardServer { _ in
            { bytes in
                if bytes == Array("loader\n".utf8) { rate.withLock { $0 = 115_200 } }
                return Array("ok\n".utf8)
            }
        }
        let connection = BoardConnection(
            slot: "1", port: try PortAddress("socket://127.0.0.1:\(board.port)"),
            control: .socket(host: "127.0.0.1", port: fixture.port))
        return (connection, chip, [board, fixture])
    }

    @Test(
        "a line that fails after the change steps down until it works and reports the rate",
        arguments: [
            (UInt32(2_000_000), 921_600, [Int]()), (500_000, 460_800, [921_600]),
            (115_200, 115_200, [921_600, 460_800, 230_400]),
        ])
    func stepDown(_ limit: UInt32, _ baud: Int, _ failed: [Int]) async throws {
        let (connection, _, servers) = try Self.bed(limit: limit)
        let steps = Locked<[Int]>([])
        let report = try await connection.flash(
            try FlashPlan(regions: [Self.region], skipMatching: false), beforeErase: { _ in },
            onEvent: { if case .steppedDown(let from, _, _) = $0 { steps.withLock { $0.append(from) } } })
        #expect(report.baud == baud)
        #expect(report.failedBauds == failed)
        #expect(steps.withLock { $0 } == failed)
        await connection.close()
        for server in servers { server.stop() }
    }

    @Test("a slot starts at the rate it remembers")
    func remembers() async throws {
        let (connection, _, servers) = try Self.bed(limit: 500_000)
        await connection.remember(baud: 230_400)
        let report = try await connection.flash(try FlashPlan(regions: [Self.region], skipMatching: false)) { _ in }
        #expect(report.baud == 230_400)
        #expect(report.failedBauds.isEmpty)
        await connection.close()
        for server in servers { server.stop() }
    }
}
