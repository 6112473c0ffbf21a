import Foundation
import Provisioning
import Testing

extension ExecutableTests.Lines {
    @Suite("scrap: a unit is given up")
    struct ScrapTests {
        @Test(
            "killed in its middle and asked for again it is done once, and the board is refused from then on",
            .enabled(if: CutTests.placesExist, "release builds have no places to be cut at"), .timeLimit(.minutes(3)),
            arguments: ["workflow.begun", "delete.before", "delete.after", "workflow.done"])
        func cut(_ place: String) async throws {
            try await StationBed.with { bed in
                _ = try await bed.serve { try await bed.conclusions(1) }
                let scrap = ["unit", "scrap", bed.deviceName(), "--reason", "broken", "--config", bed.configuration]
                let killed = try await Program.station.run(scrap, environment: ["STATION_CUT": place])
                try #require(killed.signal == SIGKILL, "\(killed.status): \(killed.error)")
                let said = try await Program.station.run(scrap)
                #expect(said.output.contains("is scrapped"), "\(said.error)")
                #expect(try await bed.devices().isEmpty)
                let records = try await bed.records()
                #expect(
                    records.all("workflow.concluded").compactMap { $0.body["result"].string } == [
                        "interrupted", "done",
                    ])
                let (ends, _) = try await bed.serve { try await bed.conclusions(2) }
                #expect(ends.last?.code == "CL-105")
                #expect(try await verifies(bed.data))
            }
        }

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
