import Foundation
import Provisioning
import Testing

extension ExecutableTests.Lines {
    @Suite("scrap: a unit is given up")
    struct ScrapTests {
        @Test("asked of a running daemon it is carried out by it", .timeLimit(.minutes(3)))
        func daemon() async throws {
            try await StationBed.with { bed in
                let (said, status) = try await bed.serve {
                    _ = try await bed.conclusions(1)
                    return try await bed.station(
                        "unit", "scrap", bed.deviceName(), "--reason", "x", "--destroyed", "--second", "engineer")
                }
                #expect(status == 0 && said.contains("is scrapped"))
                #expect(try await bed.devices().isEmpty)
                #expect(try await bed.station("order", "show", bed.order).contains("0 of 9"))
            }
        }
    }
}
