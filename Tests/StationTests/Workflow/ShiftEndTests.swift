import Foundation
import Provisioning
import Testing

@testable import station

extension ExecutableTests.Lines {
    @Suite("the end of a shift")
    struct ShiftEndTests {
        @Test(
            "stops new boards and not the running one; the next shift's boards start with it", .timeLimit(.minutes(3)))
        func stopsNewBoards() async throws {
            try await StationBed.with(.fixture(boards: 2), .init(slots: 2)) { bed in
                let calendar = """

                    [shifts]
                    zone = "UTC"
                    plan_per_hour = 60
                    [[shifts.shift]]
                    name = "all"
                    start = "00:00"
                    end = "00:00"
                    people = ["Li Wei"]

                    """
                let file = try String(contentsOfFile: bed.configuration, encoding: .utf8)
                try (file + calendar).write(toFile: bed.configuration, atomically: true, encoding: .utf8)
                let (_, status) = try await bed.serve {
                    try await bed.record("a shift") { $0.kind == "shift.began" }
                    let (one, two) = (
                        try FixtureClient(try #require(bed.controls["slot-1"])),
                        try FixtureClient(try #require(bed.controls["slot-2"]))
                    )
                    try await one.place(1)
                    try await bed.record("a run") { $0.kind == "run.started" }
                    try await bed.station("shift", "end", arguments: ["--note", "slot 2 is loose"])
                    try await two.place(2)
                    #expect(try await bed.conclusions(1) == [.init(run: 1, outcome: "pass", code: nil)])
                    #expect(try await bed.records().all("run.started").count == 1)
                    #expect(try await bed.station("shift", "show").contains("handed over: slot 2 is loose"))
                    try await bed.station("shift", "begin")
                    _ = try await bed.conclusions(2)
                }
                #expect(status == 0)
                let records = try await bed.records()
                let ended = try #require(records.all("shift.ended").first)
                let conclusions = records.all("run.concluded")
                #expect(ended.body["note"] == "slot 2 is loose")
                #expect(conclusions.first.map { $0.seq > ended.seq } == true, "the run had ended before the shift did")
                let first = try #require(records.all("run.started").first)
                #expect(first.body["shift"] == ended.body["shift"])
                #expect(conclusions.first?.body["shift_concluded"] == .null)
                let begins = records.all("shift.began")
                #expect(begins.count == 2)
                let second = try #require(records.all("run.started").last)
                #expect(begins.last.map { second.seq > $0.seq } == true)
                #expect(second.body["shift"] == begins.last?.body["shift"])
            }
        }
    }
}
