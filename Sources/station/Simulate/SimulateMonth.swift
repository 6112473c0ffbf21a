import ArgumentParser
import Foundation
import Journal
import Provisioning

/// `station simulate month`: the journal of a simulated month, for reports, reconciliation and their checks.
struct SimulateMonth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "month", abstract: "Write the journal of a simulated month into a new data folder.",
        discussion: """
            Two lines with day and night shifts: first passes, retests, re-flashes, resets, replacements, scraps, stray and \
            cloned boards, samples, relays, holds and releases, crashes and outages of the cloud, each as the station itself \
            would have recorded it. The same seed makes the same records. A folder that holds a journal is refused.

            The reports of it:  station report shift --data DIR 2026-09-01/day
            Whether they are right:  station journal export --data DIR > journal.jsonl, then
              python3 Tests/reports/check.py report journal.jsonl REPORT.json
            """)

    @Option(help: ArgumentHelp("Data folder to make.", valueName: "dir")) var data: String
    @Option(help: "New boards, 1 to 2000000.") var units = 2000
    @Option(help: "Shifts of twelve hours, 1 to 400; the first is 2026-09-01/day.") var shifts = 6
    @Option(
        help: "Work orders, 1 to 200: by their boards' firmware, every fourth by samples of 20, every fourth relayed.")
    var orders = 4
    @Option(help: "The same seed makes the same month.") var seed: UInt64 = 1
    @Option(
        help: ArgumentHelp(
            "File for what the cloud lists at the end, with differences planted; FILE.planted names them.",
            valueName: "file"))
    var cloud: String?
    @Flag(help: "Print one JSON object on standard output and nothing else there.") var json = false

    func validate() throws {
        guard (1...2_000_000).contains(units) else { throw ValidationError("--units \(units): expected 1 to 2000000") }
        guard (1...400).contains(shifts) else { throw ValidationError("--shifts \(shifts): expected 1 to 400") }
        guard (1...min(200, units)).contains(orders) else {
            throw ValidationError("--orders \(orders): expected 1 to \(min(200, units)), at most one for each board")
        }
    }

    func run() async throws {
        let started = ContinuousClock.now
        var month = try Month(Month.Wish(units: units, shifts: shifts, orders: orders, seed: seed), folder: data)
        let last = try await month.run()
        if let cloud { try month.writeCloud(to: cloud) }
        let made = month.lines.flatMap(\.orders)
        let seconds = (ContinuousClock.now - started).components.seconds
        let result: JSONValue = [
            "units": .init(made.reduce(0) { $0 + $1.made }), "runs": .init(month.runs), "records": .init(last?.seq),
            "head": .init(last?.hash), "seconds": .int(seconds),
            "orders": .array(made.map { .string($0.id) }),
            "shifts": .array(month.calendar.shifts.map { .string($0.id) }),
        ]
        guard !json else { return print(result.text) }
        print(
            "\(result["units"]) units, \(month.runs) runs, \(last?.seq ?? 0) records in \(seconds) s; head \(last?.hash ?? "-")"
        )
        print("orders \(made.map(\.id).joined(separator: ", "))")
        print("shifts \(month.calendar.shifts.map(\.id).joined(separator: ", "))")
    }
}
