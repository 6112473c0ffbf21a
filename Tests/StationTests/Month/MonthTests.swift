import Foundation
import Provisioning
import Testing

extension ExecutableTests.Records {
    @Suite("the reports of a simulated month, beside an independent check")
    struct MonthTests {
        @Test(
            "every figure of every shift, batch and of the station is what the exported journal makes it, and a figure that was changed is named",
            .timeLimit(.minutes(6)), .enabled(if: IndependentCheck.python != nil, "needs python3"))
        func month() async throws {
            try await withTemporaryFolder { folder in
                let data = folder + "/data"
                let made = try await Self.station(
                    ["simulate", "month", "--data", data, "--units", "800", "--shifts", "6", "--seed", "7", "--json"])
                let month = try JSONValue(parsing: made)
                #expect((month["units"].int ?? 0) >= 800)
                #expect(try await verifies(data))
                let journal = folder + "/journal.jsonl"
                try await IndependentCheck.export(data, to: journal)
                let reports = try await Self.reports(of: month, data: data, in: folder)
                #expect(reports.count == 12)
                let agreed = try await IndependentCheck.reports(reports, journal: journal)
                #expect(agreed.isSuccess, "\(agreed.output.prefix(4000))\(agreed.error)")
                try await Self.checkTampered(reports[0], journal, folder)
                // The same seed makes the same chain.
                let again = try await Self.station(
                    [
                        "simulate", "month", "--data", folder + "/again", "--units", "800", "--shifts", "6", "--seed",
                        "7",
                        "--json",
                    ])
                #expect(try JSONValue(parsing: again)["head"] == month["head"])
            }
        }

        @Test("a folder with a journal in it takes no simulated month")
        func refused() async throws {
            try await withTemporaryFolder { folder in
                let arguments = ["simulate", "month", "--data", folder + "/data", "--units", "8", "--shifts", "1"]
                _ = try await Self.station(arguments + ["--orders", "1"])
                let second = try await Program.station.run(arguments)
                #expect(!second.isSuccess)
                #expect(second.error.contains("has a journal"), "\(second.error)")
            }
        }

        private static func station(_ arguments: [String]) async throws -> String {
            let ended = try await Program.station.run(arguments, within: .seconds(300))
            guard ended.isSuccess else { throw TestTrouble("\(arguments): \(ended.error)") }
            return ended.output
        }

        /// Writes a report of each shift, each order, the station as a whole and for a day.
        private static func reports(of month: JSONValue, data: String, in folder: String) async throws -> [String] {
            let batches = (month["orders"].array ?? []).compactMap(\.string).map { ["batch", $0] }
            let shifts = (month["shifts"].array ?? []).compactMap(\.string).map { ["shift", $0] }
            let whole = [["station"], ["station", "--from", "2026-09-01T05:00:00Z", "--to", "2026-09-02T05:00:00Z"]]
            var files: [String] = []
            for (number, arguments) in (batches + shifts + whole).enumerated() {
                files.append("\(folder)/report-\(number).json")
                _ = try await station(["report"] + arguments + ["--data", data, "--output", files[number]])
            }
            return files
        }

        /// Each number of a report, changed by one, is found; and so is an edited journal.
        private static func checkTampered(_ report: String, _ journal: String, _ folder: String) async throws {
            let text = try String(contentsOfFile: report, encoding: .utf8)
            let file = folder + "/tampered.json"
            for (key, value) in try JSONValue(parsing: text)["counts"].object ?? [:] {
                guard let number = value.int else { continue }
                try text.replacingOccurrences(of: "\"\(key)\":\(number),", with: "\"\(key)\":\(number + 1),").write(
                    toFile: file, atomically: true, encoding: .utf8)
                guard try String(contentsOfFile: file, encoding: .utf8) != text else { continue }
                let found = try await IndependentCheck.reports([file], journal: journal)
                #expect(found.code == 1)
                #expect(
                    found.output.contains("counts.\(key): expected \(number), received \(number + 1)"),
                    "\(found.output)")
            }
            let rows = try String(contentsOfFile: journal, encoding: .utf8)
            let edited = folder + "/edited.jsonl"
            try rows.replacingOccurrences(of: "slot-3", with: "slot-4").write(
                toFile: edited, atomically: true, encoding: .utf8)
            let found = try await IndependentCheck.reports([report], journal: edited)
            #expect(found.code == 1)
            #expect(found.output.contains("its text has SHA-256"), "\(found.output.prefix(500))")
        }
    }
}
