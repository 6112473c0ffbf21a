import ArgumentParser
import Execution
import Foundation
import Journal
import Provisioning

/// Work orders: made, opened, held, closed, shown.
struct OrderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "Work orders: create, open, hold, close, list, show.",
        subcommands: [Create.self, Open.self, Hold.self, Close.self, List.self, Show.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a draft order and prints its id.",
            discussion:
                "The order is bound to one release and one board profile; it takes no boards until it is opened.")

        @Option(help: ArgumentHelp("ProductKey of the product.", valueName: "pk")) var product: String
        @Option(help: ArgumentHelp("Version of the firmware release.", valueName: "v")) var release: String
        @Option(help: ArgumentHelp("Board profile.", valueName: "p")) var profile: String
        @Option(help: ArgumentHelp("Units that may be claimed, at least 1.", valueName: "n")) var quota: Int
        @OptionGroup var station: StationOptions

        func run() async throws {
            let made = try await station.sender().send(
                .createOrder(productKey: product, release: release, profile: profile, quota: quota))
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
        @OptionGroup var station: StationOptions

        func run() async throws { try await change(id, .open, "opened by a person", station) }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Holds an order: no new board starts.")

        @Argument(help: "The order, such as WO-0001.") var id: String
        @Option(help: "Why, for the journal.") var reason: String
        @OptionGroup var station: StationOptions

        func run() async throws { try await change(id, .held, reason, station) }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Closes an order for good.",
            discussion:
                "Refused while a run is open, or while a unit's last run was cut off and the unit not placed again.")

        @Argument(help: "The order, such as WO-0001.") var id: String
        @Flag(help: "Close it although something is unsettled.") var leaveUnsettled = false
        @OptionGroup var station: StationOptions

        func run() async throws {
            try await change(id, .closed, "closed by a person", station, leavingUnsettled: leaveUnsettled)
        }
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
                + "\(order.profile) \(order.release)"
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
            for unit in try await journal.units(order: id) {
                print(
                    "  \(unit.deviceName)  \(unit.state.rawValue)  runs \(unit.runs)  UID \(unit.uid) (\(unit.uid.source.rawValue))"
                )
            }
        }
    }
}

private func change(
    _ id: String, _ state: WorkOrder.State, _ reason: String, _ station: StationOptions, leavingUnsettled: Bool = false
) async throws {
    let changed = try await station.sender().send(
        .changeOrder(id: id, state: state.rawValue, leavingUnsettled: leavingUnsettled, reason: reason))
    print("\(changed["order"].string ?? id) is \(changed["state"].string ?? state.rawValue)")
}
