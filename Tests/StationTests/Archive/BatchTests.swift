import Foundation
import Provisioning
import Testing

@testable import station

extension ExecutableTests.Records {
    @Suite("a batch from its first board to its archive, and a backup from the running line to a new folder")
    struct BatchTests {
        private static func verify(_ bed: StationBed, _ folder: String) async throws -> Program.Ended {
            let key = bed.folder + "/station.pem"
            try await bed.station("batch", "key").appending("\n").write(toFile: key, atomically: true, encoding: .utf8)
            return try await Program.station.run(["batch", "verify", folder, "--key", key])
        }

        private static func switchOff(_ bed: StationBed) async throws {
            _ = try await Program.station.run(
                ["simulate", "switch", "--ready-file", bed.cloudReady, bed.productKey, "off"])
        }

        @Test(
            "a running daemon closes it; the archive needs no station, and one changed byte is named",
            .timeLimit(.minutes(3)))
        func daemon() async throws {
            try await StationBed.with { bed in
                let (said, status) = try await bed.serve {
                    _ = try await bed.conclusions(1)
                    try await Self.switchOff(bed)
                    return try await bed.station("batch", "close", bed.order)
                }
                #expect(status == 0 && said.contains("is closed") && said.contains("6288"), "\(said)")
                let copy = bed.folder + "/elsewhere"
                try FileManager.default.copyItem(atPath: bed.data + "/batches/" + bed.order, toPath: copy)
                #expect(try await Self.verify(bed, copy).isSuccess)
                if IndependentCheck.python != nil {
                    let checked = try await IndependentCheck.archive(copy)
                    #expect(checked.isSuccess, "\(checked.output)")
                }
                var units = try Data(contentsOf: URL(fileURLWithPath: copy + "/units.csv"))
                units[units.count - 4] ^= 1
                try units.write(to: URL(fileURLWithPath: copy + "/units.csv"))
                let found = try await Self.verify(bed, copy)
                #expect(found.code == 1)
                #expect(found.output.contains("units.csv line 2: expected"), "\(found.output)")
            }
        }

        @Test("a backup of the running line, restored, makes no board beyond the quota", .timeLimit(.minutes(4)))
        func backup() async throws {
            try await StationBed.with(.fixture(boards: 1)) { bed in
                let file = bed.folder + "/one.backup"
                let (said, _) = try await bed.serve {
                    try await bed.record("the station's start") { $0.kind == "station.started" }
                    let said = try await bed.station("backup", "--output", file)
                    // The board passes after the backup: the restored journal has not seen it.
                    try await FixtureClient(bed.control).place(1)
                    _ = try await bed.conclusions(1)
                    return said
                }
                #expect(said.contains("SHA-256"))
                #expect(try await bed.records().all("backup.written").count == 1)

                // The disk is lost; the witness beside the folder is not, and is told by hand.
                let (vault, witness) = (bed.folder + "/vault", bed.folder + "/kept.head")
                try FileManager.default.moveItem(atPath: bed.data + "/vault", toPath: vault)
                try FileManager.default.moveItem(atPath: bed.data + ".head", toPath: witness)
                try FileManager.default.removeItem(atPath: bed.data)
                let restored = try await Program.station.run(
                    ["restore", file, "--data", bed.data, "--witness", witness])
                #expect(restored.isSuccess && restored.output.contains("records are lost"), "\(restored.error)")
                try FileManager.default.moveItem(atPath: vault, toPath: bed.data + "/vault")

                let (shown, _) = try await bed.serve {
                    try await bed.record("the hold") {
                        $0.kind == "order.changed" && $0.body["hold_code"].string == "ST-202"
                    }
                    let list = try await bed.station("restore", "list")
                    try await bed.station(
                        "restore", "settle", "--take-over", bed.order, "--reason", "the disk was replaced")
                    try await bed.record("the order open again") {
                        $0.kind == "order.changed" && $0.body["from"].string == "held"
                            && $0.body["to"].string == "open"
                    }
                    return list
                }
                #expect(shown.contains(bed.deviceName()) && shown.contains("1 devices"), "\(shown)")
                #expect(try await bed.station("order", "show", bed.order).contains("1 of 9"))
                // Its board, placed again, goes on under the name it has, and is not counted again.
                _ = try await bed.serve {
                    try await bed.record("the board's pass") {
                        $0.kind == "run.concluded" && $0.body["outcome"].string == "pass"
                    }
                }
                let shownAgain = try await bed.station("order", "show", bed.order)
                #expect(shownAgain.contains("1 of 9") && shownAgain.contains("passed"), "\(shownAgain)")
                #expect(try await verifies(bed.data))
            }
        }

        @Test("an older copy of the data folder that is put back is held at the next start", .timeLimit(.minutes(3)))
        func copiedBack() async throws {
            try await StationBed.with { bed in
                let old = bed.folder + "/old"
                try FileManager.default.copyItem(atPath: bed.data, toPath: old)
                _ = try await bed.serve { try await bed.conclusions(1) }
                try FileManager.default.removeItem(atPath: bed.data)
                try FileManager.default.moveItem(atPath: old, toPath: bed.data)
                _ = try await bed.serve {
                    try await bed.record("the hold") {
                        $0.kind == "order.changed" && $0.body["hold_code"].string == "ST-202"
                    }
                }
                let records = try await bed.records()
                #expect(records.all("journal.behind").count == 1)
                #expect(records.firstClaims.isEmpty)
                let settled = try await Program.station.run([
                    "restore", "settle", "--take-over", bed.order, "--reason", "the folder was copied back", "--config",
                    bed.configuration,
                ])
                #expect(settled.isSuccess, "\(settled.error)")
                #expect(try await bed.station("order", "show", bed.order).contains("1 of 9"))
                #expect(try await verifies(bed.data))
            }
        }

        @Test("old runs move into a file, and the journal verifies and reports as before", .timeLimit(.minutes(3)))
        func retention() async throws {
            try await StationBed.with { bed in
                _ = try await bed.serve { try await bed.conclusions(1) }
                try await Self.switchOff(bed)
                try await bed.station("batch", "close", bed.order)
                let before = try await bed.station("report", "batch", bed.order, "--format", "csv")
                let said = try await bed.station("journal", "archive", "--before", "2999-01-01")
                #expect(said.contains("runs-before-2999-01-01.jsonl"), "\(said)")
                #expect(try await verifies(bed.data))
                let after = try await bed.station("report", "batch", bed.order, "--format", "csv")
                func figures(_ text: String) -> [Substring] {
                    text.split(separator: "\r\n").filter { !$0.contains("made") && !$0.contains("cut") }
                }
                #expect(figures(before).count > 20)
                #expect(Set(figures(after)).symmetricDifference(figures(before)).count <= 4)
            }
        }
    }
}
