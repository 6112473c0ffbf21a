public import ArgumentParser
import Foundation
public import Journal

/// The journal: verified, exported, its old runs moved out.
struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "The journal: verify, export, archive.",
        subcommands: [Verify.self, Export.self, JournalArchive.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recomputes the whole hash chain and names the first bad record.",
            discussion: """
                Exit status 0 when every record fits and the head file's place lies on the chain, 1 otherwise. Who rewrites \
                both the journal and its head file is not caught here: keep backups.
                """)

        @OptionGroup var station: StationOptions

        func run() async throws {
            let journal = try Journal(folder: station.dataFolder(), access: .readOnly)
            let found = try await journal.verify()
            if let bad = found.firstBad {
                print("record \(bad.seq) is bad: \(bad.reason)")
                throw ExitCode.failure
            }
            if let seen = try HeadWitness.read(station.witnessPath()),
                try await journal.place(seen.head.seq) != seen.head
            {
                print(
                    "the chain is whole, but its witness has seen record \(seen.head.seq) with hash \(seen.head.hash), which is "
                        + "not on it: the journal ends at \(found.records), an older copy was put back")
                throw ExitCode.failure
            }
            print("\(found.records) records, chain whole, head \(found.head)")
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Writes every record to standard output.")

        @Option(help: "jsonl or csv.") var format: ExportFormat = .jsonl
        @OptionGroup var station: StationOptions

        func run() async throws {
            let output = FileHandle.standardOutput
            try await Journal(folder: station.dataFolder(), access: .readOnly).export(format) {
                try output.write(contentsOf: Data($0.utf8))
            }
        }
    }
}

extension ExportFormat: ExpressibleByArgument {}
