import Foundation
import Provisioning
import Testing

@testable import station

extension ExecutableTests.Lines {
    @Suite("a passed board that comes back")
    struct ReturnTests {
        private static let again = JournalRecords.Conclusion(run: 2, outcome: "aborted", code: "CL-104")

        @Test(
            "put on the slot again, it is told from its identity, or its tag, and not written",
            .timeLimit(.minutes(3)), arguments: ["esp32c3", "esp-at", "nrf-smp"])
        func placedAgain(_ profile: String) async throws {
            try await StationBed.with(.fixture(boards: 1), .init(profile: profile)) { bed in
                let (_, status) = try await bed.serve {
                    let hand = try FixtureClient(bed.control)
                    try await hand.place(1)
                    let first = try await bed.conclusions(1).last
                    #expect(first?.outcome == "pass", "\(String(describing: first))")
                    try await hand.remove()
                    let flash = try bytes(of: bed.flash())
                    // A slot takes its next board only after the last one has been away for a second.
                    let removed = ContinuousClock.now
                    try await eventually("an empty slot") { .now - removed > .seconds(3) ? true : nil }
                    try await hand.place(1)
                    #expect(try await bed.conclusions(2).last == Self.again)
                    #expect(try bytes(of: bed.flash()) == flash)
                }
                #expect(status == 0)
                #expect(try await bed.records().all("intent.begun").allSatisfy { $0.body["run"].int == 1 })
            }
        }

        @Test("found on its slot at the next start, it is identified and not written", .timeLimit(.minutes(3)))
        func foundAtStart() async throws {
            try await StationBed.with { bed in
                _ = try await bed.serve { try await bed.conclusions(1) }
                let flash = try bytes(of: bed.flash())
                let (ends, status) = try await bed.serve { try await bed.conclusions(2) }
                #expect(status == 0)
                #expect(ends.map(\.outcome) == ["pass", "aborted"] && ends.last == Self.again)
                #expect(try bytes(of: bed.flash()) == flash)
                #expect(try await bed.records().firstClaims.count == 1)
                #expect(try await verifies(bed.data))
            }
        }
    }
}
