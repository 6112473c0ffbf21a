import ArgumentParser
import Foundation

/// `station bench soak`: does a station that works for hours stay as it was?
struct BenchSoak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract:
            "Runs boards for minutes or hours and tells whether memory, files, threads, WAL and journal stay as they were.",
        discussion: """
            The whole station with its operator's page runs in this process; cloud stand-in, boards and readers of the page \
            are other processes. Boards are placed as fast as slots are free. In turn the stand-in and the boards are ended \
            and started anew, every --restart seconds: boards in work are lost in the middle, and are placed again.

            Once a minute one line is printed; at the end the trends over all minutes but the first ones, and a verdict. Exit \
            status 1 where something grows, a board that is well has failed, or the journal does not agree with the cloud.

            Examples:
              station bench soak --minutes 20
              station bench soak --minutes 480 --slots 16 --json
            """)

    @Option(help: "How long, 2 to 10080 minutes.") var minutes = 20
    @Option(help: "Slots, 1 to 32.") var slots = 4
    @Option(help: "Seconds between two restarts, of the stand-in and of the boards in turn, 10 to 3600.") var restart =
        60
    @Option(help: ArgumentHelp("Folder with board profiles.", valueName: "dir")) var home: String?
    @OptionGroup var options: BenchOptions

    func validate() throws {
        for (name, value, range) in [
            ("minutes", minutes, 2...10080), ("slots", slots, 1...32), ("restart", restart, 10...3600),
        ] where !range.contains(value) {
            throw ValidationError("--\(name) \(value): expected \(range.lowerBound) to \(range.upperBound)")
        }
    }

    func run() async throws {
        let machine = BenchMachine.read()
        let home = try StationHome.locate(explicit: home)
        let options = options
        options.progress(SoakSample.heading)
        let found = try await options.withFolder { folder in
            try await SoakLine(
                folder: DemoFolder(path: folder + "/line"), home: home, slots: slots, minutes: minutes,
                restart: .seconds(restart), tell: { options.progress($0.line) }
            ).run()
        }
        let report = SoakReport(minutes: minutes, slots: slots, restart: restart, found: found)
        options.finish(report.bench(machine))
        guard report.isFlat else { throw ExitCode.failure }
    }
}
