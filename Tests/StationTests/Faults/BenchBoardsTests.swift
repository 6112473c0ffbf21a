import Foundation
import Provisioning
import Testing

extension ExecutableTests.Demos {
    @Suite("many boards with many faults")
    struct BenchBoardsTests {
        private static let isFull = ProcessInfo.processInfo.environment["STATION_FULL"] == "1"

        @Test(
            "no board passes that is bad, no good one fails, and every fault ends with its code",
            .timeLimit(.minutes(60)))
        func mix() async throws {
            let boards = Self.isFull ? 1000 : 40
            let ended = try await Program.station.run(
                ["bench", "boards", "--boards", "\(boards)", "--slots", "8", "--json"], within: .seconds(3500))
            let found = try JSONValue(parsing: ended.output)
            let problems = ["false_passes", "false_fails", "problems"].flatMap { found[$0].array ?? [] }
            #expect(ended.isSuccess && found["good"].bool == true, "\(problems) \(ended.error.suffix(1000))")
            #expect(found["boards"].int == Int64(boards))
            // The faults were there, and stopped what they had to stop.
            let rows = found["faults"].object ?? [:]
            let ends = rows.filter { $0.key != "none" }.flatMap { ($0.value["ends"].object ?? [:]).keys }
            #expect(rows.count > 10 && ends.contains { $0.hasPrefix("fail") })
            #expect((found["units"].int ?? 0) >= (found["devices"].int ?? 0))
        }
    }
}
