import Foundation
import Provisioning
import Testing

@testable import station

extension ExecutableTests.Lines {
    @Suite("serve beside other processes, and its end")
    struct StopTests {
        @Test("SIGTERM in the middle of a run aborts it, with whole records and status 0", .timeLimit(.minutes(3)))
        func stop() async throws {
            // At this rate the release takes over ten seconds to write.
            try await StationBed.with(.board(pace: 115_200)) { bed in
                let (_, status) = try await bed.serve {
                    try await bed.record("the flash intent") {
                        $0.kind == "intent.begun" && $0.body["effect"].string == "flash"
                    }
                }
                #expect(status == 0)
                let records = try await bed.records()
                #expect(records.conclusions == [.init(run: 1, outcome: "aborted", code: "ST-104")])
                #expect(records.records.last?.kind == "station.stopped")
                let begun = records.all("intent.begun").compactMap { $0.body["intent"].int }
                let finished = records.all("intent.finished").compactMap { $0.body["intent"].int }
                #expect(begun.sorted() == finished.sorted(), "an intent was left open")
                #expect(try await verifies(bed.data))
            }
        }

        @Test("a second serve on the same data folder is refused with a sentence and changes nothing")
        func second() async throws {
            try await StationBed.with(.fixture(boards: 1)) { bed in
                let (_, status) = try await bed.serve {
                    try await bed.record("the start") { $0.kind == "station.started" }
                    let second = try await Program.station.run(["serve", "--config", bed.configuration])
                    #expect(!second.isSuccess)
                    #expect(second.error.contains("in use by another station process"), "\(second.error)")
                    #expect(!second.error.contains("Fatal error"), "\(second.error)")
                    #expect(try await bed.records().all("station.started").count == 1)
                    // The first one still takes commands.
                    try await bed.station("order", "hold", bed.order, "--reason", "a look")
                }
                #expect(status == 0)
                #expect(try await bed.records().all("station.stopped").count == 1)
            }
        }

        @Test("an order held while serve runs starts no board until it is opened again", .timeLimit(.minutes(3)))
        func hold() async throws {
            try await StationBed.with(.fixture(boards: 1)) { bed in
                let (_, status) = try await bed.serve {
                    try await bed.record("the start") { $0.kind == "station.started" }
                    #expect(try await bed.station("order", "hold", bed.order, "--reason", "a look").contains("held"))
                    #expect(try await bed.station("order", "show", bed.order).contains("held"))
                    try await FixtureClient(bed.control).place(1)
                    // The slot looks for boards ten times a second.
                    for _ in 0..<10 { #expect(try await bed.records().all("run.started").isEmpty) }
                    #expect(try await bed.station("order", "open", bed.order).contains("open"))
                    #expect(try await bed.conclusions(1).map(\.outcome) == ["pass"])
                }
                #expect(status == 0)
                let records = try await bed.records()
                let held = try #require(records.all("order.changed").last { $0.body["to"].string == "held" })
                let opened = try #require(records.all("order.changed").last { $0.body["to"].string == "open" })
                #expect(held.body["reason"].string == "a look" && held.actor.hasPrefix("cli"))
                #expect(held.seq < opened.seq)
                #expect(records.all("run.started").allSatisfy { $0.seq > opened.seq })
                #expect(try await verifies(bed.data))
            }
        }
    }
}
