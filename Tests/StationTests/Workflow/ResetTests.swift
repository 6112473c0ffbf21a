import Foundation
import Provisioning
import Testing

@testable import station

extension ExecutableTests.Lines {
    @Suite("reset: the same board activates anew")
    struct ResetTests {
        @Test(
            "the device credential is erased, the board registers again, and whether its secret changed is on record",
            .timeLimit(.minutes(3)), arguments: [false, true])
        func reset(_ rotates: Bool) async throws {
            try await StationBed.with(.board(), .init(behaviour: "reset_rotates_secret = \(rotates)")) { bed in
                _ = try await bed.serve { try await bed.conclusions(1) }
                let old = try bed.nvs()
                let said = try await bed.station("unit", "reset", bed.deviceName(), "--reason", "lost its secret")
                #expect(said.contains("waits for reset"))
                let (ends, status) = try await bed.serve { try await bed.conclusions(2) }
                #expect(status == 0)
                #expect(ends.map(\.outcome) == ["pass", "pass"])
                let new = try bed.nvs()
                #expect((new != old) == rotates)
                let records = try await bed.records()
                let conclusion = try #require(records.all("run.concluded").last)
                #expect(conclusion.body["details"]["reset"]["secret_changed"].bool == rotates)
                #expect(conclusion.body["finished_work"].string == "reset")
                #expect(records.all("intent.begun").count { $0.body["effect"].string == "reset" } == 1)
                let shown = try await bed.station("unit", "show", bed.deviceName())
                #expect(shown.contains("passed") && !shown.contains("waits for"), "\(shown)")
                // Passed and nothing ordered: the same board again is refused as before.
                let (more, _) = try await bed.serve { try await bed.conclusions(3) }
                #expect(more.last?.code == "CL-104")
                #expect(try await bed.station("order", "show", bed.order).contains("1 of 9"))
            }
        }

        @Test(
            "without pre-registration the board gets another ClientID, and the older one is made void",
            .timeLimit(.minutes(3)))
        func withoutPreregistration() async throws {
            try await StationBed.with(.board(), .init(mode: .noPreregistration)) { bed in
                _ = try await bed.serve { try await bed.conclusions(1) }
                let first = try await bed.station("unit", "clientids", bed.deviceName())
                try await bed.station("unit", "reset", bed.deviceName(), "--reason", "test")
                let (ends, _) = try await bed.serve { try await bed.conclusions(2) }
                #expect(ends.map(\.outcome) == ["pass", "pass"])
                let second = try await bed.station("unit", "clientids", bed.deviceName())
                #expect(second.hasSuffix("has 1 ClientIDs") && second != first, "\(first)\n\(second)")
            }
        }
    }
}
