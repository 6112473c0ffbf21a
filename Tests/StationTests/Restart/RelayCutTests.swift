import Foundation
import Provisioning
import Testing

extension ExecutableTests.Lines {
    @Suite("serve killed in the middle of a relay")
    struct RelayCutTests {
        @Test(
            "before the first connection the board is given another credential after the restart, and passes",
            .enabled(if: CutTests.placesExist, "release builds have no places to be cut at"), .timeLimit(.minutes(3)),
            arguments: ["hand-over.before", "hand-over.after", "connect.before"])
        func beforeConnection(_ place: String) async throws {
            try await StationBed.with(.board(), .init(activation: "relay")) { bed in
                let killed = try await bed.serveUntilCut(at: place)
                try #require(killed.signal == SIGKILL, "\(killed.status): \(killed.error.suffix(1000))")
                let (ends, status) = try await bed.serve { try await bed.conclusions(2) }
                #expect(status == 0)
                #expect(ends.map(\.outcome) == ["interrupted", "pass"])
                #expect(try await bed.records().firstClaims.count == 1)
                #expect(try await bed.devices().count == 1)
                #expect(try await verifies(bed.data))
            }
        }

        @Test(
            "after the first connection nothing is registered again: the unit is held until a leader orders its reset",
            .enabled(if: CutTests.placesExist, "release builds have no places to be cut at"), .timeLimit(.minutes(3)))
        func afterConnection() async throws {
            try await StationBed.with(.board(), .init(activation: "relay")) { bed in
                let killed = try await bed.serveUntilCut(at: "connect.after")
                try #require(killed.signal == SIGKILL, "\(killed.status): \(killed.error.suffix(1000))")
                let (ends, _) = try await bed.serve { try await bed.conclusions(2) }
                #expect(ends.last == .init(run: 2, outcome: "held", code: "AC-104"))
                try await bed.station("unit", "reset", bed.deviceName(), "--reason", "cut off")
                let (all, status) = try await bed.serve { try await bed.conclusions(3) }
                #expect(status == 0)
                #expect(all.last == .init(run: 3, outcome: "pass", code: nil))
                #expect(try await bed.devices().count == 1)
            }
        }

        @Test(
            "without pre-registration the second ClientID is kept and the first made void",
            .enabled(if: CutTests.placesExist, "release builds have no places to be cut at"), .timeLimit(.minutes(3)),
            arguments: ["connect.after", "client-id.before", "client-id.after", "activate.after"])
        func clientIDs(_ place: String) async throws {
            try await StationBed.with(.board(), .init(mode: .noPreregistration, activation: "relay")) { bed in
                let first = place.hasPrefix("client-id") ? "connect.after" : place
                var runs = 2
                let killed = try await bed.serveUntilCut(at: first)
                try #require(killed.signal == SIGKILL, "\(killed.status): \(killed.error.suffix(1000))")
                if first != place {
                    // Only a second registration has an older ClientID to make void.
                    let again = try await bed.serveUntilCut(at: place)
                    try #require(again.signal == SIGKILL, "\(again.status): \(again.error.suffix(1000))")
                    runs = 3
                }
                let count = runs
                let (ends, status) = try await bed.serve { try await bed.conclusions(count) }
                #expect(status == 0)
                #expect(ends.last == .init(run: Int64(count), outcome: "pass", code: nil), "\(ends)")
                let listed = try await bed.station("unit", "clientids", bed.deviceName())
                #expect(listed.hasSuffix("has 1 ClientIDs"), "\(listed)")
            }
        }
    }
}
