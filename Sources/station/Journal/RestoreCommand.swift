import ArgumentParser
import Execution
import Foundation
import Journal
import Provisioning

/// `station restore`: a data folder out of a backup, and what has to be settled before it works again.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Makes a new data folder out of a backup; lists and settles what happened since.",
        discussion: """
            A restored journal does not know the boards that were made after the backup. So it is held (ST-202): no board \
            runs before a leader has settled it. The same holds a data folder that was copied back from an older copy: the \
            witness of the journal's head, a file outside the data folder, shows it.

              station restore /mnt/nas/station-7.backup --data /var/lib/station-7
              station restore list --config station.toml
              station restore settle --take-over WO-0007 --reason "disk replaced" --config station.toml

            Put the vault back, or seal the secrets again, before `list` and `settle`: they ask the cloud.
            """,
        subcommands: [Copy.self, List.self, Settle.self], defaultSubcommand: Copy.self)

    struct Copy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "copy", abstract: "Makes the new data folder.")

        @Argument(help: "The backup.") var file: String
        @Option(help: ArgumentHelp("The new data folder; it must not be there, or be empty.", valueName: "dir"))
        var data: String
        @Option(
            help: ArgumentHelp(
                "The lost journal's witness, where it is left: what it has seen claimed counts. Default: DIR.head.",
                valueName: "file"))
        var witness: String?

        func run() async throws {
            umask(0o077)
            let folder = lexicallyAbsolute(data)
            let seen = try HeadWitness.read(
                witness.map { lexicallyAbsolute($0) } ?? HeadWitness.defaultPath(dataFolder: folder))
            if let witness, seen == nil { throw ValidationError("there is no witness \(witness)") }
            let user = ProcessInfo.processInfo.environment["SUDO_USER"] ?? NSUserName()
            let head = try JournalRestore.restore(
                lexicallyAbsolute(file), to: folder, witness: seen, actor: "cli:" + user)
            print("\(folder): the journal up to record \(head.seq)")
            if let seen {
                print(
                    seen.head.seq > head.seq
                        ? "its witness has seen record \(seen.head.seq): \(seen.head.seq - head.seq) records are lost"
                        : "its witness has seen record \(seen.head.seq)")
            } else {
                print("no witness was found: how much is lost is not known, the cloud alone tells")
            }
            print("production is held (ST-202) until a leader gives `station restore settle`")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the cloud's devices that the journal does not know.",
            discussion: "Every product of every order is paged.")

        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var station: StationOptions

        func run() async throws {
            let found = try await station.sender().send(.listUnknown)
            if json { return print(found.text) }
            print(found["sentence"].string ?? "")
            let devices = found["devices"].array ?? []
            for device in devices {
                print(
                    "  \(device["product_key"].string ?? "?")  \(device["device_name"].string ?? "?")  "
                        + "\(device["state"].string ?? "?")  created \(device["created_at"].string ?? "?")")
            }
            print("\(devices.count) devices are in the cloud and not in the journal")
        }
    }

    struct Settle: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Counts or explains what is missing, and lets production go on.",
            discussion: """
                Each device of `list` is either counted to an order (--take-over) or explained (--explain). What is counted \
                uses up the order's quota; its board, placed again, goes on under the name it has. What the head's witness \
                has seen claimed is counted in any case. So no order makes more than its quota.
                """)

        @Option(
            help: ArgumentHelp(
                "The order of all devices of its product, or NAME=ORDER for one; may be repeated.",
                valueName: "order"))
        var takeOver: [String] = []
        @Option(help: ArgumentHelp("A device that is not this station's work; may be repeated.", valueName: "name"))
        var explain: [String] = []
        @Option(help: "Why, for the journal.") var reason: String
        @OptionGroup var station: StationOptions

        func run() async throws {
            var (taken, rest): ([String: String], String?) = ([:], nil)
            for text in takeOver {
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                if parts.count == 2 {
                    taken[parts[0]] = parts[1]
                } else {
                    guard rest == nil else { throw ValidationError("give one order for all, the others as NAME=ORDER") }
                    rest = text
                }
            }
            let done = try await station.sender().send(
                .settleRestore(taken: taken, rest: rest, explained: explain, reason: reason))
            print(
                "settled: \(done["taken_over"].int ?? 0) devices counted, \(done["explained"].int ?? 0) explained; "
                    + "production goes on")
        }
    }
}
