import Locking
import Provisioning
import Testing

@testable import Execution

@Suite("A slot stays unpowered until its device may connect")
struct ConnectDeskTests {
    @Test("a board that would connect a sixth time within the minute waits, with a countdown, and a stop ends the wait")
    func countdown() async throws {
        let desk = ConnectDesk()
        let told = Locked<[String]>([])
        let (heard, hear) = AsyncStream.makeStream(of: Void.self)
        // Two boots that register and connect: four connects.
        for _ in 1...2 {
            try await desk.admit("a1/D1", connects: 2) { text in told.withLock { $0.append(text) } }
        }
        #expect(told.withLock { $0 }.isEmpty, "four connects do not wait")
        let third = Task {
            try await desk.admit("a1/D1", connects: 2) { text in
                told.withLock { $0.append(text) }
                hear.yield()
            }
        }
        for await _ in heard { break }
        let first = try #require(told.withLock { $0 }.first)
        let match = try #require(first.wholeMatch(of: /5 connects within a minute: power on again in (\d+) s/))
        #expect((1...63).contains(Int(match.1) ?? 0), "\(first)")
        // Another device does not wait meanwhile.
        try await desk.admit("a1/D2", connects: 2) { text in told.withLock { $0.append("D2 " + text) } }
        #expect(!told.withLock { $0 }.contains { $0.hasPrefix("D2") })
        third.cancel()
        await #expect { try await third.value } throws: { ($0 as? Failure)?.code == .slotStopping }
    }
}
