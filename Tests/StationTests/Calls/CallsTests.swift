import Execution
import Foundation
import Provisioning
import Simulation
import Testing

@testable import station

extension ExecutableTests.Lines {
    @Suite("calls of a running station")
    struct CallsTests {
        /// A bed whose station calls a plant, with one slot and boards in its tray.
        private func withPlant(
            boards: Int, _ body: @escaping @Sendable (StationBed, PlantServer, PlantPrinter) async throws -> Void
        ) async throws {
            let allow: PlantServer.Script = { _, call in
                call.json["event"] == "run.before" ? .status(200, #"{"answer":"allow"}"#) : .status(200)
            }
            try await PlantServer.with(allow) { plant in
                try await PlantPrinter.with { printer in
                    try await StationBed.with(.fixture(boards: boards)) { bed in
                        let home = try StationHome.locate().folder
                        let tables = """

                            [andon]
                            url = "\(plant.url)/andon"

                            [mes]
                            before_run = "\(plant.url)/before"
                            after_run = "\(plant.url)/after"
                            answer_seconds = 1

                            [labels]
                            printer = "socket://127.0.0.1:\(printer.port)"
                            template = "\(home)/labels/device.zpl"

                            """
                        let text = try String(contentsOfFile: bed.configuration, encoding: .utf8)
                        try (text + tables).write(toFile: bed.configuration, atomically: true, encoding: .utf8)
                        try await bed.station("secret", "set", "mes/key", input: "shared-with-the-mes\n")
                        try await body(bed, plant, printer)
                    }
                }
            }
        }

        private func scan(_ text: String, slot: String?, _ bed: StationBed) async throws -> JSONValue {
            try await CommandSender(dataFolder: bed.data, profiles: [:], configuration: nil)
                .send(.scanLabel(text: text, slot: slot))
        }

        @Test(
            "asked before, PASS, label printed and scanned back, told after, lamps all the way", .timeLimit(.minutes(4))
        )
        func whole() async throws {
            try await withPlant(boards: 2) { bed, plant, printer in
                let (_, status) = try await bed.serve {
                    let hand = try FixtureClient(bed.control)
                    try await hand.place(1)
                    try await eventually("the first label") { printer.labels.count == 1 ? true : nil }
                    #expect(printer.labels[0].contains("^FD\(bed.deviceName(1))^FS"))
                    #expect(try await bed.conclusions(1).last?.outcome == "pass")
                    // The label belongs to the slot's board and to no other.
                    await #expect(throws: StationCommand.CommandError.self) {
                        try await scan(bed.deviceName(2), slot: "slot-1", bed)
                    }
                    // A board that is taken away to get its label keeps its slot: the next one waits.
                    try await hand.remove()
                    let removed = ContinuousClock.now
                    // A board that is back within a second has not been away.
                    try await eventually("an absence") { .now - removed > .seconds(3) ? true : nil }
                    try await hand.place(2)
                    let answer = try await scan(bed.deviceName(1), slot: "slot-1", bed)
                    #expect(answer["slot"] == "slot-1")
                    try await eventually("the second label") { printer.labels.count == 2 ? true : nil }
                    _ = try await scan(bed.deviceName(2), slot: nil, bed)
                    try await eventually("both outcomes") {
                        plant.calls.count { $0.path.hasSuffix("/after") } == 2 ? true : nil
                    }
                    try await hand.remove()
                    try await eventually("the empty slot's lamp") {
                        plant.calls.last { $0.json["scope"] == "slot" }?.json["word"] == "EMPTY" ? true : nil
                    }
                }
                #expect(status == 0)
                let after = plant.calls.filter { $0.path.hasSuffix("/after") }.map(\.json)
                #expect(after.map { $0["outcome"] } == ["pass", "pass"])
                #expect(after.map { $0["device_name"].string } == [bed.deviceName(1), bed.deviceName(2)])
                #expect(after[0]["evidence"]["request_id"].string?.isEmpty == false)
                let words = plant.calls.filter { $0.json["scope"] == "slot" }.compactMap { $0.json["word"].string }
                #expect(words.first == "EMPTY" && Set(words).isSuperset(of: ["BUSY", "SCAN", "PASS", "EMPTY"]))
                #expect(plant.calls.last?.json["word"] == "STOPPED")

                let records = try await bed.records()
                let order = records.records.filter { $0.body["run"].int == 1 }.map(\.kind)
                let (asked, claimed) = (order.firstIndex(of: "mes.answered"), order.firstIndex(of: "claim.bound"))
                #expect(try #require(asked) < #require(claimed))
                let (ended, sent) = (order.firstIndex(of: "run.concluded"), order.firstIndex(of: "label.sent"))
                #expect(try #require(ended) < #require(sent))
                #expect(order.last == "label.confirmed")
                #expect(records.all("label.confirmed").allSatisfy { $0.actor.hasPrefix("cli:") })
                #expect(try await verifies(bed.data))

                let hunter = SecretHunter(["shared-with-the-mes"])
                #expect(try hunter.finds(under: bed.data, except: []).finds.isEmpty)
                #expect(hunter.finds(in: try bytes(of: bed.folder + "/serve.log")).isEmpty)
                #expect(plant.calls.allSatisfy { hunter.finds(in: Data($0.body)).isEmpty })
            }
        }

        @Test("a board that the MES refuses, or does not answer for, is not claimed", .timeLimit(.minutes(4)))
        func refused() async throws {
            try await withPlant(boards: 1) { bed, plant, printer in
                let (_, status) = try await bed.serve {
                    let hand = try FixtureClient(bed.control)
                    let answers: [(PlantServer.Reply, String, String)] = [
                        (.status(200, #"{"answer":"refuse","as":"hold","text":"wait for AOI"}"#), "held", "CL-302"),
                        (.status(200, #"{"answer":"refuse","as":"fail"}"#), "fail", "CL-301"),
                        (.silence, "held", "CL-303"),
                    ]
                    for (index, (reply, outcome, code)) in answers.enumerated() {
                        plant.answer { _, call in call.json["event"] == "run.before" ? reply : .status(200) }
                        try await hand.place(1)
                        let end = try await bed.conclusions(index + 1).last
                        #expect(end?.outcome == outcome && end?.code == code)
                        try await hand.remove()
                        try await eventually("an empty slot") {
                            plant.calls.last { $0.json["scope"] == "slot" }?.json["word"] == "EMPTY" ? true : nil
                        }
                    }
                    try await eventually("the outcomes") {
                        plant.calls.count { $0.path.hasSuffix("/after") } == 3 ? true : nil
                    }
                }
                #expect(status == 0)
                let records = try await bed.records()
                #expect(records.firstClaims.isEmpty && printer.labels.isEmpty)
                #expect(try await bed.station("order", "show", bed.order).contains("0 of 9"))
                #expect(records.all("run.concluded")[0].body["failure_detail"] == "wait for AOI")
                #expect(
                    plant.calls.filter { $0.path.hasSuffix("/after") }.map { $0.json["failure_code"] }
                        == ["CL-302", "CL-301", "CL-303"])
            }
        }

        @Test(
            "a station that is killed while a label waits prints it again when its board comes back",
            .timeLimit(.minutes(4)))
        func killed() async throws {
            try await withPlant(boards: 1) { bed, plant, printer in
                _ = try await bed.serve {
                    try await FixtureClient(bed.control).place(1)
                    try await eventually("the label") { printer.labels.count == 1 ? true : nil }
                }
                let (_, status) = try await bed.serve {
                    try await eventually("the second copy") { printer.labels.count == 2 ? true : nil }
                    try await eventually("the scan is taken") {
                        try? await scan(bed.deviceName(1), slot: "slot-1", bed)
                    }
                }
                #expect(status == 0)
                let sent = try await bed.records().all("label.sent").map(\.body)
                #expect(sent.map { $0["copy"] } == [1, 2])
                #expect(sent[1]["reason"] == "copy 1 was not scanned back")
                #expect(try await bed.records().all("run.concluded").map { $0.body["outcome"] } == ["pass", "aborted"])
            }
        }

        @Test(
            "the doctor names a key that is not sealed, a template that is not right, and what does not answer",
            .timeLimit(.minutes(2)))
        func doctor() async throws {
            try await PlantPrinter.with { printer in
                let port = printer.port
                try await StationBed.with { bed in
                    let template = bed.folder + "/label.zpl"
                    try "^XA^FD{serial}^XZ".write(toFile: template, atomically: true, encoding: .utf8)
                    let tables = """

                        [mes]
                        after_run = "http://127.0.0.1:1/after"
                        [labels]
                        printer = "socket://127.0.0.1:\(port)"
                        template = "label.zpl"
                        """
                    let text = try String(contentsOfFile: bed.configuration, encoding: .utf8)
                    try (text + tables).write(toFile: bed.configuration, atomically: true, encoding: .utf8)
                    let ended = try await Program.station.run(["doctor", "--json", "--config", bed.configuration])
                    let found = try JSONValue(parsing: ended.output)["findings"].array ?? []
                    let verdicts = found.reduce(into: [String: String]()) { all, finding in
                        all[finding["check"].string ?? ""] = finding["verdict"].string
                    }
                    #expect(verdicts["mes key"] == "problem" && verdicts["mes"] == "warning")
                    #expect(verdicts["label"] == "warning" && verdicts["label printer"] == "ok")
                    #expect(ended.output.contains("station secret set mes/key"))
                }
                #expect(printer.labels.allSatisfy { $0.isEmpty })
            }
        }

        @Test(
            "without the shared key the station does not start, and says which secret to seal", .timeLimit(.minutes(2)))
        func keyless() async throws {
            try await StationBed.with { bed in
                let text = try String(contentsOfFile: bed.configuration, encoding: .utf8)
                try (text + "\n[mes]\nbefore_run = \"http://127.0.0.1:1/\"\n")
                    .write(toFile: bed.configuration, atomically: true, encoding: .utf8)
                let refused = try await Program.station.run(["serve", "--config", bed.configuration])
                #expect(!refused.isSuccess && refused.error.contains("station secret set mes/key"), "\(refused.error)")
            }
        }
    }
}
