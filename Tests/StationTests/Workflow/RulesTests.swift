import Foundation
import Provisioning
import Testing

@testable import station

extension ExecutableTests.Lines {
    @Suite("the rules of an order")
    struct RulesTests {
        @Test(
            "with a label scan a board goes on once its own label was scanned, and wrong ones advance nothing",
            .timeLimit(.minutes(3)))
        func labelScan() async throws {
            let options = ["--no-first-article", "--no-stop-on-repetition", "--label-scan"]
            try await StationBed.with(.fixture(boards: 2), .init(orderOptions: options)) { bed in
                let (_, status) = try await bed.serve {
                    // Without a daemon a command would own the folder itself.
                    try await bed.record("a station that runs") { $0.kind == "station.started" }
                    let hand = try FixtureClient(bed.control)
                    try await hand.place(1)
                    // The label of another board is refused, and what was expected is not told.
                    let wrong = try await eventually("a slot that waits for a label") {
                        let ended = try await bed.scan(bed.deviceName(2))
                        return ended.error.contains("does not belong") ? ended : nil
                    }
                    #expect(!wrong.isSuccess && !wrong.error.contains(bed.deviceName(1)))
                    #expect(try await bed.records().all("claim.bound").isEmpty)
                    #expect(try await bed.scan(bed.deviceName(1)).isSuccess)
                    #expect(try await bed.conclusions(1).last?.outcome == "pass")
                    try await hand.remove()
                    let removed = ContinuousClock.now
                    try await eventually("an empty slot") { .now - removed > .seconds(3) ? true : nil }
                    try await hand.place(2)
                    // Three wrong labels end it.
                    var count = 0
                    while count < 3 {
                        if try await bed.scan(bed.deviceName(1), slot: "slot-1").error.contains("does not belong") {
                            count += 1
                        }
                    }
                    let last = try await bed.conclusions(2).last
                    #expect(last?.code == "ID-109" && last?.outcome == "held")
                    #expect(try await bed.devices(2).isEmpty)
                }
                #expect(status == 0)
            }
        }

        @Test("one slot works until a first article has passed and was confirmed", .timeLimit(.minutes(3)))
        func firstArticle() async throws {
            try await DemoRun.with(["--boards", "6", "--slots", "3", "--first-article"]) { demo in
                #expect(demo.ended.code == 0, "\(demo.ended.error.suffix(1000))")
                #expect(demo.report["passed"].int == 6)
                let records = try await demo.records()
                let stages = records.all("first-article").map { $0.body["to"].string }
                #expect(stages == ["passed", "confirmed"])
                // No second run began before the confirmation.
                let confirmed = try #require(records.all("first-article").last).seq
                let starts = records.all("run.started").map(\.seq)
                #expect(starts.filter { $0 < confirmed }.count == 1 && starts.count == 6)
            }
        }

        @Test("failures that repeat hold the order until a person names the cause", .timeLimit(.minutes(3)))
        func repetition() async throws {
            try await StationBed.with(
                .fixture(boards: 4),
                .init(
                    fault: ["kind": "stuck-bit", "offset": 0x12345, "bit": 3, "value": nil],
                    orderOptions: ["--no-first-article"])
            ) { bed in
                let (_, status) = try await bed.serve {
                    let hand = try FixtureClient(bed.control)
                    for number in 1...3 {
                        try await hand.place(number)
                        _ = try await bed.conclusions(number)
                        try await hand.remove()
                        let removed = ContinuousClock.now
                        try await eventually("an empty slot") { .now - removed > .seconds(3) ? true : nil }
                    }
                    let held = try await bed.record("an order on hold") {
                        $0.kind == "order.changed" && $0.body["to"].string == "held"
                    }
                    #expect(held.body["hold_code"].string == "CL-204")
                    try await hand.place(4)
                    let placed = ContinuousClock.now
                    try await eventually("a while") { .now - placed > .seconds(3) ? true : nil }
                    #expect(try await bed.conclusions(3).count == 3)
                    try await bed.station("order", "open", bed.order, "--reason", "power supply of the fixture")
                    _ = try await bed.conclusions(4)
                }
                #expect(status == 0)
            }
        }
    }
}
