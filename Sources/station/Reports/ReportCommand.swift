public import ArgumentParser
import Foundation
import Journal
import Operator
import Provisioning
public import Reports

/// Reports of a shift, a batch or the station.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Reports: of a shift, of a batch, of the station between two times.",
        discussion: """
            Counts, yields, output by the hour against plan, cycle times, slots, Paretos, each defined on the report itself. \
            Every figure is computed from the journal, which is only read; a running daemon is not disturbed. The report names \
            the record it was cut at, so that it can be computed again from the exported journal.

            A shift's report is cut at the record that ended the shift; what became of its units later is listed under it as \
            adjustments. While the shift is open the report is as of now.

              station report shift --config station.toml --output shift.html
              station report shift 2026-11-02/night --config station.toml --format csv
              station report batch WO-0001 --config station.toml --output WO-0001.html
              station report station --from 2026-11-01 --to 2026-11-30 --data DIR

            Formats: html (prints on A4, needs no other file), csv (for a spreadsheet), json, jsonl (a figure a line).
            """,
        subcommands: [ShiftReport.self, BatchReport.self, StationReport.self])

    struct ShiftReport: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "shift", abstract: "The report of a shift; without an id of the open or last one.")

        @Argument(help: "The shift, such as 2026-11-02/day.") var id: String?
        @OptionGroup var options: ReportOptions
        @OptionGroup var station: StationOptions

        func run() async throws {
            try await options.write(station) { journal, name in
                try await Report.shift(journal, id: id, station: name)
            }
        }
    }

    struct BatchReport: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "batch", abstract: "The report of all that was made for an order.")

        @Argument(help: "The order, such as WO-0001.") var order: String
        @OptionGroup var options: ReportOptions
        @OptionGroup var station: StationOptions

        func run() async throws {
            try await options.write(station) { journal, name in
                try await Report.batch(journal, order: order, station: name)
            }
        }
    }

    struct StationReport: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "station", abstract: "The report of everything the station did between two times.",
            discussion: """
                Times: 2026-11-02T08:00:00Z (UTC), or 2026-11-02, 2026-11-02T08:00 in the time zone of the station's shifts \
                (UTC where it has none). A day after --from counts from its first moment, after --to to its last one.
                """)

        @Option(help: ArgumentHelp("From this time on; default: the first record.", valueName: "time")) var from:
            String?
        @Option(help: ArgumentHelp("Until before this time; default: the last record.", valueName: "time")) var to:
            String?
        @OptionGroup var options: ReportOptions
        @OptionGroup var station: StationOptions

        func run() async throws {
            try await options.write(station) { journal, name in
                let zone = try await Report.timeZone(of: journal)
                let first = try from.map { try ReportTime(option: "--from", $0, zone: zone).first }
                let end = try to.map { try ReportTime(option: "--to", $0, zone: zone).end }
                if let from, let to, let first, let end, first >= end {
                    throw ValidationError("--from \(from) --to \(to): expected a time after --from in --to")
                }
                return try await Report.station(journal, from: first, until: end, station: name)
            }
        }
    }
}

/// How a report is written.
struct ReportOptions: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case html, csv, jsonl, json
    }

    @Option(help: "html, csv, jsonl or json; default: as the output's name ends, else html.") var format: Format?
    @Option(help: "zh or en, of html and csv; default: the station's.") var language: Report.Language?
    @Option(name: .long, help: ArgumentHelp("File to write, instead of standard output.", valueName: "file"))
    var output: String?

    /// Makes the report and writes it.
    /// - Parameter make: takes the journal and the station's id where it is known.
    func write(
        _ station: StationOptions, _ make: (Journal, String?) async throws -> Report
    ) async throws {
        let configuration = try station.config.map { _ in try station.configuration() }
        let journal = try Journal(folder: station.dataFolder(), access: .readOnly)
        let report = try await make(journal, configuration?.id)
        let language =
            language ?? configuration?.page.flatMap { Report.Language(rawValue: $0.language.rawValue) } ?? .zh
        let text = try text(report, language, station)
        guard let output else { return print(text, terminator: "") }
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic) } catch {
            throw ValidationError("\(output) was not written: \(error.localizedDescription)")
        }
        note(
            "\(output): \(report.title.isEmpty ? report.kind.rawValue : report.title), cut at record \(report.cut.seq)")
    }

    private func text(_ report: Report, _ language: Report.Language, _ station: StationOptions) throws -> String {
        let ending = output.flatMap { Format(rawValue: URL(fileURLWithPath: $0).pathExtension.lowercased()) }
        return switch format ?? ending ?? .html {
        case .html: try report.html(language: language, home: StationHome.locate(explicit: station.home).folder)
        case .csv: report.csv(language: language)
        case .jsonl: report.jsonl
        case .json: report.json.text + "\n"
        }
    }
}

extension Report.Language: ExpressibleByArgument {}
