import ArgumentParser
import Foundation
import Provisioning

/// Measurements on this machine, against what can be had: the wire's own time, Espressif's flasher, plain SQLite,
/// mosquitto.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "Measures this machine: many slots beside one, our flasher beside esptool, our journal beside SQLite, the "
            + "cloud stand-in beside mosquitto, the operator's page under a full line, reconciliation beside SQLite and "
            + "DuckDB, the whole line over hours, and many boards with faults.",
        discussion: """
            No hardware, no cloud and no order is needed: boards and cloud are simulated in processes of their own. Each \
            measurement takes its yardstick in the same run, so read the ratios, not the seconds; other work on the \
            machine disturbs both. Figures to be quoted come from a release build:
              swift build -c release --scratch-path .build/release-bench
              .build/release-bench/release/station bench slots
            """,
        subcommands: [
            BenchSlots.self, BenchFlash.self, BenchJournal.self, BenchCloud.self, BenchPage.self, BenchPageReader.self,
            BenchReports.self, BenchReportSide.self, BenchReconcile.self, BenchReconcileSide.self, BenchSoak.self,
            BenchBoards.self,
        ])
}

/// What the measurements have in common.
struct BenchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the measurement's files go, in a folder that is removed at its end; default: the system's temporary "
                + "folder.", valueName: "dir"))
    var folder: String?

    @Flag(help: "Print one JSON object on standard output; everything else goes to standard error.")
    var json = false

    /// Runs `body` with a new folder, which is removed afterwards.
    func withFolder<R>(_ body: (String) async throws -> R) async throws -> R {
        let parent = folder.map { lexicallyAbsolute($0) } ?? FileManager.default.temporaryDirectory.path
        let made = parent + "/station-bench-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: made, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: made) }
        return try await body(made)
    }

    /// Says what is going on, beside the result.
    func progress(_ text: String) { note(text) }

    /// Prints the result: lines for people, or one object.
    func finish(_ report: BenchReport) {
        if json {
            print(report.json.text)
        } else {
            for line in report.lines { print(line) }
        }
    }
}
