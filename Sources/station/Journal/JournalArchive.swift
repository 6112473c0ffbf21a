import ArgumentParser
import Execution
import Foundation
import Journal
import Provisioning

/// `station journal archive`: old runs moved out of the live database.
struct JournalArchive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Moves the texts of old runs into a file; the chain, reports and claims stay as they are.",
        discussion: """
            Of orders that were closed or terminated before the date, the records that only tell how a run went (readings, \
            intents, steps) go into a file of JSON lines, as `station journal export` writes them. Their digests and hashes \
            stay, and so do the facts that reports are computed from: the chain verifies, and every report has the same \
            figures. An export has null in their place. The space is used again by new records.

            Keep the file: the journal knows its SHA-256, and nothing else has these texts.
            """)

    @Option(help: ArgumentHelp("Older than this day, YYYY-MM-DD (UTC).", valueName: "date")) var before: String
    @Option(help: ArgumentHelp("Where they go; default: DATA/archives/runs-before-DATE.jsonl.", valueName: "file"))
    var output: String?
    @OptionGroup var station: StationOptions

    func run() async throws {
        let time = before + "T00:00:00.000Z"
        guard UTCTime.milliseconds(time) != nil else {
            throw ValidationError("--before \(before): expected a day as YYYY-MM-DD")
        }
        let moved = try await station.sender().send(.archiveRuns(before: time, file: try path()))
        guard let file = moved["file"].string else { return print("no run of an order that is over is that old") }
        print(
            "\(file): \(moved["records"].int ?? 0) records from \(moved["first"].int ?? 0) to \(moved["last"].int ?? 0), "
                + "SHA-256 \(moved["sha256"].string ?? "?")")
    }

    private func path() throws -> String {
        if let output { return lexicallyAbsolute(output) }
        let folder = try station.dataFolder() + "/archives"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return "\(folder)/runs-before-\(before).jsonl"
    }
}
