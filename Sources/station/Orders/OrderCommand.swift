import ArgumentParser
import Execution
import Foundation
import Journal
import Provisioning

/// Work orders: made, opened, held, shown; their end is the batch's (``BatchCommand``).
struct OrderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "Work orders: create, import, amend, open, hold, list, show, preregister.",
        subcommands: [
            Create.self, OrderImportCommand.self, OrderAmendCommand.self, Open.self, Confirm.self, Hold.self, List.self,
            Show.self, PreregisterCommand.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a draft order and prints its id.",
            discussion: """
                The order is bound to one release and one board profile; it takes no boards until it is opened.

                Modes, one for a product:
                  pre-registered        the station creates each DeviceName, the board gets its DeviceSecret (预注册)
                  no-preregistration    the board's registration creates the name; the board gets ClientID and
                                        DeviceToken (免预注册; the release must declare the vendor's C SDK 4.x)
                Activations:
                  board      each board registers and connects by itself
                  relay      for boards without a network on the line: the station registers for the board, hands it the
                             credential over its console and connects for it; the profile needs [relay]
                  sample=N   every Nth board is activated, the others end as done; a failed sample holds the boards since
                             the last good one and sets the order to 100 %
                Identities (--allow), else every board of the profile is taken; any other is refused with CL-205:
                  list:6055F9000000,6055F9000004   or list:@FILE, one identity a line
                  range:6055F9000000..6055F90FFFFF     both ends included
                  oui:6055F9,A0B1C2   tac:86012304   pattern:SN26[0-9]{6}
                Offline limits: so many boards may wait for their activation, or so long, before the order is held with
                CL-206; boards that wait are still taken, and the order goes on when they are fewer, or a leader opens it.
                """)

        @Option(help: ArgumentHelp("ProductKey of the product.", valueName: "pk")) var product: String
        @Option(help: ArgumentHelp("Version of the firmware release.", valueName: "v")) var release: String
        @Option(help: ArgumentHelp("Board profile.", valueName: "p")) var profile: String
        @Option(help: ArgumentHelp("Units that may be claimed, at least 1.", valueName: "n")) var quota: Int
        @Option(help: "pre-registered or no-preregistration.") var mode = RegistrationMode.preRegistered.rawValue
        @Option(help: "board, relay or sample=N.") var activation = "board"
        @Option(
            help: ArgumentHelp(
                "When devices may become active, FROM/UNTIL in UTC, such as 2026-11-25T08:00:00Z/2026-11-28T20:00:00Z; an "
                    + "activation outside is alarmed.", valueName: "from/until"))
        var window: String?
        @Flag(help: "The label of each board is scanned while it lies in its slot, and must name it.") var labelScan =
            false
        @Flag(
            inversion: .prefixedNo,
            help: "After each opening one slot works alone until a board has passed and a leader has confirmed it.")
        var firstArticle = true
        @Flag(
            inversion: .prefixedNo,
            help: "Three units in a row, or two slots within two minutes, that fail with one code hold the order.")
        var stopOnRepetition = true
        @Option(help: ArgumentHelp("Which identities it takes.", valueName: "rule")) var allow: String?
        @Option(help: ArgumentHelp("Runs of a unit before it is on hold, 1 to 20; else the station's.", valueName: "n"))
        var runLimit: Int?
        @Option(
            help: ArgumentHelp(
                "Runs of a unit after one that failed in a step, each step by itself, 0 to 20.", valueName: "n"))
        var stepRetries: Int?
        @Option(help: ArgumentHelp("Boards that may wait for their activation.", valueName: "n"))
        var offlineBoards: Int?
        @Option(help: ArgumentHelp("Minutes that a board may wait for it.", valueName: "n")) var offlineMinutes: Int?
        @OptionGroup var station: StationOptions

        /// The rule with the identities of a file that it names.
        private func allowed() throws -> String? {
            guard let allow, allow.hasPrefix("list:@") else { return allow }
            let file = String(allow.dropFirst(6))
            guard let data = FileManager.default.contents(atPath: file), let text = String(data: data, encoding: .utf8)
            else { throw ValidationError("--allow \(allow): the file cannot be read as UTF-8") }
            return "list:" + text
        }

        func run() async throws {
            let draft = StationCommand.OrderDraft(
                productKey: product, release: release, profile: profile, quota: quota, mode: mode,
                activation: activation, window: window, labelScan: labelScan, firstArticle: firstArticle,
                stopOnRepetition: stopOnRepetition, allow: try allowed(), runLimit: runLimit, stepRetries: stepRetries,
                offlineBoards: offlineBoards, offlineMinutes: offlineMinutes)
            let made = try await station.sender().send(.createOrder(draft))
            print(made["order"].string ?? "")
        }
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Opens an order: slots with its board profile then take boards.",
            discussion: """
                A running daemon checks product, dynamic-registration switch and ProductSecret by the probe name first; \
                if one is wrong the order is held and goes on by itself when it is right.
                """)

        @Argument(help: "The order, such as WO-0001.") var id: String
        @Option(help: "Why; after a stop on repetition the cause that was found.") var reason = "opened by a person"
        @OptionGroup var station: StationOptions

        func run() async throws { try await change(id, .open, reason, station) }
    }

    struct Confirm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Confirms the first article: every slot works from then on.",
            discussion: "The board that passed first was looked at, and is as it should be.")

        @Argument(help: "The order, such as WO-0001.") var id: String
        @Option(help: "What was looked at, for the journal.") var reason = "first article looked at"
        @OptionGroup var station: StationOptions

        func run() async throws {
            _ = try await station.sender().send(.confirmFirstArticle(order: id, reason: reason))
            print("order \(id): first article confirmed")
        }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Holds an order: no new board starts.")

        @Argument(help: "The order, such as WO-0001.") var id: String
        @Option(help: "Why, for the journal.") var reason: String
        @OptionGroup var station: StationOptions

        func run() async throws { try await change(id, .held, reason, station) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists every order.")

        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var station: StationOptions

        func run() async throws {
            let orders = try await Journal(folder: station.dataFolder(), access: .readOnly).orders()
            if json {
                print(JSONValue.array(orders.map(\.json)).text)
            } else {
                for order in orders { print(Self.line(order)) }
                if orders.isEmpty {
                    print("There is no order yet; `station order create --help` tells how to make one.")
                }
            }
        }

        static func line(_ order: WorkOrder) -> String {
            let hold = order.holdCode.map { " (\($0))" } ?? ""
            return
                "\(order.id)  \(order.state.rawValue)\(hold)  \(order.claimed) of \(order.quota)  \(order.productKey)  "
                + "\(order.profile) \(order.release)  \(order.registration.rawValue)  \(order.activation)"
                + (order.activatesAll ? " (100 % since a failed sample)" : "")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one order with its units.")

        @Argument(help: "The order, such as WO-0001.") var id: String
        @OptionGroup var station: StationOptions

        func run() async throws {
            let journal = try Journal(folder: station.dataFolder(), access: .readOnly)
            guard let order = try await journal.order(id) else {
                throw ValidationError("there is no order \(id); `station order list` shows them")
            }
            print(List.line(order))
            print("  takes \(order.terms.identities)")
            if let window = order.terms.window { print("  works \(window)") }
            for (name, value) in (order.terms.limits.json.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                if let value = value.int { print("  \(name) \(value)") }
            }
            print("  \(QuotaRule.en)")
            print("  \(QuotaRule.zh)")
            if let names = try await journal.batchProgress(order: id) {
                print(
                    "  names in advance: \(names.listed) listed, \(names.created) created, \(names.refused) refused, "
                        + "\(names.openBatches) batches open")
            }
            for unit in try await journal.units(order: id) {
                print(
                    "  \(unit.deviceName)  \(unit.state.rawValue)  runs \(unit.runs)  UID \(unit.uid) (\(unit.uid.source.rawValue))"
                        + (unit.pending.map { "  waits for \($0.rawValue): place its board" } ?? "")
                )
            }
        }
    }
}

private func change(
    _ id: String, _ state: WorkOrder.State, _ reason: String, _ station: StationOptions
) async throws {
    let changed = try await station.sender().send(
        .changeOrder(id: id, state: state.rawValue, leavingUnsettled: false, reason: reason))
    print("\(changed["order"].string ?? id) is \(changed["state"].string ?? state.rawValue)")
}
