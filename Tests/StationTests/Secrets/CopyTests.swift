import Foundation
import Provisioning
import Testing

extension ExecutableTests {
    @Suite("a copied station is noticed")
    struct CopyTests {
        /// Copies the data folder as a disk image would, and writes a configuration for the copy.
        private static func copy(_ bed: StationBed) async throws -> String {
            let place = bed.folder + "/second"
            let copied = try await Program(path: "/bin/cp").run(["-a", bed.data, place])
            #expect(copied.isSuccess)
            let text = try String(contentsOfFile: bed.configuration, encoding: .utf8)
            let file = bed.folder + "/second.toml"
            try text.replacing("data = \"station\"", with: "data = \"second\"").write(
                toFile: file, atomically: true, encoding: .utf8)
            return file
        }

        /// The journal's records of a station in `data`.
        private static func record(
            _ data: String, _ what: String, _ isWanted: @Sendable (JournalRecords.Record) -> Bool
        ) async throws -> JournalRecords.Record {
            try await eventually(what) { try await JournalRecords.export(data)?.records.last(where: isWanted) }
        }

        @Test(
            "a folder run at a second place is held until a leader settles it; then the first one is held by the cloud's tag",
            .timeLimit(.minutes(4)))
        func copied() async throws {
            try await StationBed.with { bed in
                _ = try await bed.serve { try await bed.conclusions(1) }
                let (file, second) = (try await Self.copy(bed), bed.folder + "/second")
                @Sendable func heldBy(_ code: String) -> @Sendable (JournalRecords.Record) -> Bool {
                    { $0.kind == "order.changed" && $0.body["hold_code"].string == code }
                }
                // The copy: the journal tells that the folder is another one.
                let log = bed.folder + "/second.log"
                _ = try await Program.station.running(["serve", "--config", file], log: log) {
                    _ = try await Self.record(second, "an order held with ST-203", heldBy("ST-203"))
                }
                let told = try await Self.record(second, "the move") { $0.kind == "station.moved" }
                #expect(told.body["was"]["path"].string?.hasSuffix("/station") == true)
                #expect(told.body["is"]["path"].string?.hasSuffix("/second") == true)
                let list = try await Program.station.run(["restore", "list", "--config", file])
                #expect(list.output.contains("the folder was"), "\(list.error)")
                // A leader takes it for a moved disk: it runs, and moves the tag in the cloud.
                let settled = try await Program.station.run(
                    ["restore", "settle", "--reason", "moved to a new disk", "--config", file])
                #expect(settled.isSuccess, "\(settled.error)")
                _ = try await Program.station.running(["serve", "--config", file], log: log) {
                    _ = try await Self.record(second, "the order going on") {
                        $0.kind == "order.changed" && $0.body["to"].string == "open" && $0.seq > told.seq
                    }
                }
                #expect(try await JournalRecords.export(second)?.all("station.copied").isEmpty == true)
                // The first one is still there after all.
                let (_, status) = try await bed.serve {
                    try await bed.record("an order held with ST-203", heldBy("ST-203"))
                }
                #expect(status == 0)
                let found = try await bed.record("the copy") { $0.kind == "station.copied" }
                #expect(found.body["expected"].string != found.body["found"].string)
                #expect(try await verifies(bed.data))
            }
        }

        @Test("a renamed folder is settled once with a reason, and goes on", .timeLimit(.minutes(3)))
        func moved() async throws {
            try await StationBed.with { bed in
                _ = try await bed.serve { try await bed.conclusions(1) }
                let place = bed.folder + "/second"
                let file = try await Self.copy(bed)
                try FileManager.default.removeItem(atPath: place)
                try FileManager.default.moveItem(atPath: bed.data, toPath: place)
                try FileManager.default.moveItem(atPath: bed.data + ".head", toPath: place + ".head")
                let refused = try await Program.station.run(["restore", "settle", "--reason", " ", "--config", file])
                #expect(!refused.isSuccess && refused.error.contains("give a reason"))
                let settled = try await Program.station.run(
                    ["restore", "settle", "--reason", "the folder was renamed", "--config", file])
                #expect(settled.isSuccess, "\(settled.error)")
                let marks = try await JournalRecords.export(place)?.all("station.marked") ?? []
                #expect(marks.count == 2 && marks.last?.body["path"].string?.hasSuffix("/second") == true)
                _ = try await Program.station.running(["serve", "--config", file], log: bed.folder + "/second.log") {
                    _ = try await Self.record(place, "a probe that is content") {
                        $0.kind == "probe.answered" && $0.seq > (marks.last?.seq ?? 0)
                    }
                }
                #expect(try await JournalRecords.export(place)?.all("station.moved").count == 1)
            }
        }
    }
}
