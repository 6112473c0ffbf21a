import Foundation
import Provisioning
import Testing

extension ExecutableTests.Records {
    @Suite("station report")
    struct ReportCommandTests {
        @Test("reports of shift, batch and station come in every format, and the journal stays as it was")
        func formats() async throws {
            try await withTemporaryFolder { folder in
                let data = folder + "/month"
                let month = try await Program.station.run([
                    "simulate", "month", "--data", data, "--units", "200", "--shifts", "2", "--orders", "2", "--json",
                ])
                let made = try JSONValue(parsing: month.output)
                let shift = try #require(made["shifts"].array?.first?.string)
                let before = try await Program.station.run(["journal", "verify", "--data", data]).output
                for subject in [["shift", shift], ["shift"], ["batch", "WO-0001"], ["station"]] {
                    let json = try await report(subject, data, "--format", "json")
                    #expect(try JSONValue(parsing: json.output)["report"].string == subject[0])
                    let html = folder + "/report.html"
                    let said = try await report(subject, data, "--output", html, "--language", "en")
                    #expect(said.isSuccess && said.output.isEmpty && said.error.hasPrefix("\(html): "))
                    #expect(
                        try String(contentsOfFile: html, encoding: .utf8).hasPrefix(
                            "<!DOCTYPE html>\n<html lang=\"en\">"))
                    let csv = try await report(subject, data, "--format", "csv")
                    #expect(csv.output.hasPrefix("\u{FEFF}部分,项目,指标,值,单位\r\n"))
                    let lines = try await report(subject, data, "--format", "jsonl")
                    #expect(
                        lines.output.split(separator: "\n").allSatisfy { (try? JSONValue(parsing: String($0))) != nil })
                }
                #expect(try await Program.station.run(["journal", "verify", "--data", data]).output == before)
            }
        }

        @Test("the sum of the shifts' inputs is the station's; a range takes its part")
        func sums() async throws {
            try await withTemporaryFolder { folder in
                let data = folder + "/month"
                let month = try await Program.station.run([
                    "simulate", "month", "--data", data, "--units", "200", "--shifts", "2", "--orders", "2", "--json",
                ])
                func input(_ subject: [String]) async throws -> Int64 {
                    let json = try await report(subject, data, "--format", "json")
                    return try JSONValue(parsing: json.output)["counts"]["input"].int ?? -1
                }
                var sum: Int64 = 0
                for shift in try JSONValue(parsing: month.output)["shifts"].array ?? [] {
                    sum += try await input(["shift", shift.string ?? ""])
                }
                let whole = try await input(["station"])
                #expect(sum == whole && whole > 100)
                let first = try await input(["station", "--to", "2026-09-01T20:00"])
                let second = try await input(["station", "--from", "2026-09-01T20:00"])
                #expect(first + second == whole && first > 0 && second > 0)
            }
        }

        @Test("what cannot be reported on is refused in a sentence that says what would do")
        func refusals() async throws {
            try await withTemporaryFolder { folder in
                let data = folder + "/month"
                _ = try await Program.station.run([
                    "simulate", "month", "--data", data, "--units", "20", "--shifts", "1", "--orders", "1",
                ])
                for (words, sentence) in [
                    (["shift", "2020-01-01/day"], "there is no shift 2020-01-01/day; expected YYYY-MM-DD/name"),
                    (["batch", "WO-0099"], "there is no order WO-0099; `station order list` shows them"),
                    (["station", "--from", "yesterday"], "--from yesterday: expected a time such as 2026-11-02"),
                    (
                        ["station", "--from", "2026-09-02", "--to", "2026-09-01"],
                        "expected a time after --from in --to"
                    ),
                    (["station", "--output", folder + "/no/such.html"], "was not written"),
                    (["shift", "--home", folder], "has no folder boards"),
                ] {
                    let ended = try await report(words, data)
                    #expect(!ended.isSuccess)
                    #expect(ended.error.contains(sentence), "\(words): \(ended.error)")
                }
                let nowhere = try await Program.station.run(["report", "station", "--data", folder + "/nowhere"])
                #expect(nowhere.error.contains("there is no journal in"))
            }
        }

        @Test("the help teaches: each kind of report with an example")
        func help() async throws {
            let help = try await Program.station.run(["report", "--help"]).output
            for example in [
                "station report shift --", "station report batch WO-0001 ", "station report station --from ",
            ] {
                #expect(help.contains(example))
            }
        }

        private func report(_ subject: [String], _ data: String, _ more: String...) async throws -> Program.Ended {
            try await Program.station.run(["report"] + subject + ["--data", data] + more)
        }
    }
}
