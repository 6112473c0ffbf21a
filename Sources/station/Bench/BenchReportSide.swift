import ArgumentParser
import Foundation
import Journal
import Provisioning
import Reports
import Subprocess
import SystemPackage

/// One measurement of `station bench report`, in a process of its own: opens a journal and reports three times.
struct BenchReportSide: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "report-side", shouldDisplay: false)

    @Option var data: String
    @Option var from: Int64?
    @Option var until: Int64?

    func run() async throws { print(try await ReportTaken.take(data, from, until).json.text) }
}

/// A report that was timed.
struct ReportTaken: Sendable {
    let opening: Duration
    /// The median of three.
    let time: Duration
    /// The process's own, of one report.
    let processor: Duration
    /// KiB resident before the reports, and at the peak above that.
    let idle, above: Int
    let input, runs: Int

    var json: JSONValue {
        [
            "open_us": .init(BenchText.microseconds(opening)), "us": .init(BenchText.microseconds(time)),
            "processor_us": .init(BenchText.microseconds(processor)), "idle_kib": .init(idle),
            "above_kib": .init(above), "input": .init(input), "runs": .init(runs),
        ]
    }

    init?(json: JSONValue) {
        guard let opening = json["open_us"].int, let time = json["us"].int, let processor = json["processor_us"].int,
            let idle = json["idle_kib"].int, let above = json["above_kib"].int, let input = json["input"].int,
            let runs = json["runs"].int
        else { return nil }
        (self.opening, self.time) = (.microseconds(opening), .microseconds(time))
        (self.processor, self.idle, self.above) = (.microseconds(processor), Int(idle), Int(above))
        (self.input, self.runs) = (Int(input), Int(runs))
    }

    private init(
        opening: Duration, time: Duration, processor: Duration, idle: Int, above: Int, input: Int, runs: Int
    ) {
        (self.opening, self.time, self.processor) = (opening, time, processor)
        (self.idle, self.above, self.input, self.runs) = (idle, above, input, runs)
    }

    /// Measures in a child process.
    static func child(_ folder: String, _ from: Int64?, _ until: Int64?) async throws -> ReportTaken {
        let range = [("--from", from), ("--until", until)].flatMap { name, time in time.map { ["\(name)=\($0)"] } ?? []
        }
        let ended = try await Subprocess.run(
            .path(FilePath(StationHome.executablePath() ?? CommandLine.arguments[0])),
            arguments: Arguments(["bench", "report-side", "--data", folder] + range),
            output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        guard let taken = (try? JSONValue(parsing: ended.standardOutput)).flatMap(ReportTaken.init) else {
            throw ValidationError("the measuring process failed: \(ended.standardError.suffix(300))")
        }
        return taken
    }

    /// Opens the journal and makes the report of a range of time three times.
    static func take(_ folder: String, _ from: Int64?, _ until: Int64?) async throws -> ReportTaken {
        let clock = ContinuousClock()
        let own = ProcessInfo.processInfo.processIdentifier
        let (memory, busy) = (ProcessMemory(id: own), ProcessTime(id: own))
        let start = clock.now
        let journal = try Journal(folder: folder, access: .readOnly)
        let opening = clock.now - start
        let (idle, before) = (memory.resident ?? 0, busy.used ?? .zero)
        memory.resetPeak()
        var (times, input, runs) = ([Duration](), 0, 0)
        for _ in 0..<3 {
            let start = clock.now
            let report = try await Report.station(journal, from: from, until: until)
            let text = report.json.text
            times.append(clock.now - start)
            guard !text.isEmpty else { continue }
            (input, runs) = (report.figures.counts[.input] ?? 0, report.figures.counts[.runs] ?? 0)
        }
        return ReportTaken(
            opening: opening, time: BenchSamples(times).median ?? .zero,
            processor: ((busy.used ?? .zero) - before) / 3, idle: idle, above: max(0, (memory.peak ?? 0) - idle),
            input: input, runs: runs)
    }
}
