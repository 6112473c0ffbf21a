import ArgumentParser
import Execution
import Foundation
import Journal
import Provisioning

/// The leak watch: its baseline and its alarms.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Leak watch: baseline, list, clear.",
        discussion: """
            A running daemon pages the products' devices every [watch] interval_seconds and alarms what no record explains:
              active-not-ours         active, and no order, baseline or list of names knows it
              name-not-ours           without pre-registration: registered with the ProductSecret, and nobody knows it
              active-without-run      a claimed name is active, and none of its runs has switched it on
              active-outside-window   it became active outside its order's window
            To stop a leak switch the product's dynamic registration off in the platform's console.
            """,
        subcommands: [Baseline.self, List.self, Clear.self])

    struct Baseline: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Records the names a product had before this station began.",
            discussion: """
                Taken from the cloud as it is now, or from a file with one name a line. Once for a product; another one \
                only with --replace. A product without any device at its first order needs none.
                """)

        @Argument(help: "ProductKey of the product.") var product: String
        @Option(help: ArgumentHelp("The names, one a line, instead of the cloud's.", valueName: "file")) var file:
            String?
        @Flag(help: "Take it in the place of an earlier one.") var replace = false
        @Option(help: "Why, for the journal.") var reason: String
        @OptionGroup var station: StationOptions

        func run() async throws {
            let names = try file.map { file in
                try String(contentsOfFile: file, encoding: .utf8).split(whereSeparator: \.isNewline)
                    .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            }
            let taken = try await station.sender().send(
                .importBaseline(productKey: product, names: names, replaces: replace, reason: reason))
            print("\(taken["names"].int ?? 0) names of \(product) count as known")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the open alarms.")

        @Flag(help: "Cleared ones too.") var all = false
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var station: StationOptions

        func run() async throws {
            let journal = try Journal(folder: station.dataFolder(), access: .readOnly)
            let alarms = try await journal.alarms().filter { all || !$0.isCleared }
            if json {
                let rows = alarms.map { alarm -> JSONValue in
                    [
                        "alarm": .int(alarm.id), "product_key": .string(alarm.productKey),
                        "device_name": .string(alarm.deviceName), "kind": .string(alarm.kind),
                        "details": alarm.details, "cleared": .bool(alarm.isCleared),
                    ]
                }
                print(JSONValue.array(rows).text)
                return
            }
            for alarm in alarms {
                print(
                    "\(alarm.id)  \(alarm.kind)  \(alarm.deviceName) of \(alarm.productKey): "
                        + (alarm.details["sentence"].string ?? "") + (alarm.isCleared ? "  (cleared)" : ""))
            }
            if alarms.isEmpty { print("There is no open alarm.") }
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Clears an alarm; it comes again at the next poll if its cause is still there.")

        @Argument(help: "The alarm's number.") var id: Int64
        @Option(help: "Why, for the journal.") var reason: String
        @OptionGroup var station: StationOptions

        func run() async throws {
            _ = try await station.sender().send(.clearAlarm(id: id, reason: reason))
            print("alarm \(id) is cleared")
        }
    }
}
