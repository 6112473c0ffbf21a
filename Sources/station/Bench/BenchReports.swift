import ArgumentParser
import Foundation
import Journal
import Provisioning
import Reports

/// `station bench report`: how long a month's report takes, and that its memory does not grow with the journal.
struct BenchReports: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Times a month's report, over one month and over ten, and reads its peak memory.",
        discussion: """
            Over the journal of --data, which is only read, or over one that is made for the purpose: claims and runs of \
            --units boards in 30 days, with retests, holds and interruptions. Then the same facts are laid into a second \
            journal ten times over, each month behind the other, and one of its months and all of them are reported.

            Each report is made three times after opening, in a process of its own; the median counts. Beside the time stands \
            the processor's: on a busy machine read that one. Peak memory is the kernel's, above what the process took before.

            Examples:
              station bench report
              station bench report --data month --json
            """)

    @Option(
        help: ArgumentHelp("A station's data folder to report on, instead of a journal made here.", valueName: "dir"))
    var data: String?
    @Option(help: "Units of the journal made here, 1 to 10,000,000.") var units = 200_000
    @OptionGroup var options: BenchOptions

    private static let months = 10

    func validate() throws {
        guard (1...10_000_000).contains(units) else {
            throw ValidationError("--units \(units): expected 1 to 10,000,000")
        }
    }

    func run() async throws {
        let machine = BenchMachine.read()
        let found = try await options.withFolder { try await measure(in: $0) }
        options.finish(report(machine, found))
    }

    /// What was measured.
    private struct Found {
        var isMade = false
        var size = BenchFacts.Size(facts: 0, units: 0, first: 0, last: 0, seq: 0)
        var cases: [(name: String, key: String, taken: ReportTaken)] = []
    }

    private func measure(in folder: String) async throws -> Found {
        var found = Found()
        let month = data.map { lexicallyAbsolute($0) } ?? folder + "/month"
        if data == nil {
            found.isMade = true
            options.progress("making a journal of \(units) units ...")
            try await BenchFacts(units: units).write(to: month)
        }
        found.size = try BenchFacts.size(of: month)
        let (from, until) = (found.size.first, found.size.last + 1)
        found.cases.append(("one month", "month", try await ReportTaken.child(month, from, until)))
        options.progress("laying the same facts \(Self.months) times over ...")
        let months = folder + "/months"
        try await BenchFacts.repeat(month, times: Self.months, in: months)
        found.cases.append(("the same in ten", "month_of_ten", try await ReportTaken.child(months, from, until)))
        found.cases.append(("all ten months", "ten_months", try await ReportTaken.child(months, nil, nil)))
        return found
    }

    private func report(_ machine: BenchMachine, _ found: Found) -> BenchReport {
        let width = found.cases.map(\.name.count).max() ?? 0
        let lines = found.cases.map { name, _, taken in
            "\(name)\(String(repeating: " ", count: width - name.count))   \(BenchText.time(taken.time)), processor "
                + "\(BenchText.time(taken.processor))   \(taken.input) units, \(taken.runs) runs   opened in "
                + "\(BenchText.time(taken.opening))   \(BenchText.fixed(Double(taken.idle) / 1024, 1)) MiB idle, at most "
                + "\(BenchText.fixed(Double(taken.above) / 1024, 1)) MiB above"
        }
        var values: [String: JSONValue] = [
            "made": .bool(found.isMade), "facts": .init(found.size.facts), "units": .init(found.size.units),
        ]
        for (_, key, taken) in found.cases { values[key] = taken.json }
        return BenchReport(
            name: "report", machine: machine,
            method: [
                "\(found.isMade ? "a journal made here" : "the journal of --data"): \(found.size.units) units, "
                    + "\(found.size.facts) facts; ten times that laid into a second one;",
                "Report.station from the first to the last instant, JSON included; median of three after opening, in a "
                    + "process of its own; memory: VmRSS before, VmHWM of all three.",
            ], figures: lines, values: values)
    }
}
