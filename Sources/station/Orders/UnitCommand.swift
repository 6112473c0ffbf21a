import ArgumentParser
import Execution
import Foundation
import Journal
import Provisioning

/// Units: what a person decides about one.
struct UnitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unit",
        abstract: "Units: show, hold, release, reflash, reset, replace, scrap, disable, enable, clientids.",
        discussion: """
            Each takes the unit's DeviceName and, where it changes something, a reason; both stand in the journal with who \
            asked and what was there before and after. What is done in the cloud goes by the IotId recorded, under the \
            second AccessKey (workflow_access_key_id), and can be asked for again after a crash: nothing is done twice.
            """,
        subcommands: [
            Show.self, Hold.self, Release.self, Reflash.self, Reset.self, Replace.self, Scrap.self, Disable.self,
            Enable.self,
            ClientIDs.self,
        ])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one unit and its runs.")

        @Argument(help: "The unit's DeviceName.") var name: String
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var station: StationOptions

        func run() async throws {
            let journal = try Journal(folder: station.dataFolder(), access: .readOnly)
            let unit = try await journal.unit(deviceName: name)
            let runs = try await journal.runs().filter { $0.unit == unit.id }
            if json {
                print(
                    JSONValue.object([
                        "unit": unit.json, "replaced_by": .init(try await journal.replacement(of: unit.id)),
                        "runs": .array(
                            runs.map {
                                [
                                    "run": .int($0.id), "slot": .string($0.slot), "order": .init($0.order),
                                    "outcome": .init($0.outcome?.rawValue), "failure_code": .init($0.failureCode),
                                ]
                            }),
                    ]).text)
                return
            }
            print(
                "\(unit.deviceName)  \(unit.state.rawValue)  \(unit.order), place \(unit.ordinal)  IotId \(unit.iotID ?? "none")"
            )
            print("  identity \(unit.identity)  UID \(unit.uid) (\(unit.uid.source.rawValue))")
            if let pending = unit.pending { print("  waits for \(pending.rawValue): place its board") }
            if let other = try await journal.replacement(of: unit.id) { print("  replaced by \(other)") }
            for run in runs {
                print(
                    "  run \(run.id)  \(run.slot)  \(run.outcome?.rawValue ?? "open")  \(run.failureCode ?? "")")
            }
        }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts a unit on hold: it runs no more until it is released.",
            discussion: "For what a person has seen and no step did: damage, a wrong label, a board that was mixed up.")

        @Argument(help: "The unit's DeviceName.") var name: String
        @Option(help: "Why, for the journal.") var reason: String
        @OptionGroup var station: StationOptions

        func run() async throws {
            let unit = try await station.sender().send(.holdUnit(deviceName: name, reason: reason))
            print("\(unit["device_name"].string ?? name) is on hold")
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a unit on hold go on.",
            discussion: """
                The cause must be gone: the name in the cloud cleared up, the right board identified. A unit that had passed \
                when a person put it on hold counts as passed again; any other may run again.
                """)

        @Argument(help: "The unit's DeviceName.") var name: String
        @Option(help: "Why, for the journal.") var reason: String
        @OptionGroup var station: StationOptions

        func run() async throws {
            let unit = try await station.sender().send(.releaseUnit(deviceName: name, reason: reason))
            let goesOn =
                unit["state"].string == BoardUnit.State.passed.rawValue ? "counts as passed again" : "may run again"
            print("\(unit["device_name"].string ?? name) \(goesOn)")
        }
    }

    struct Reflash: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Has everything written again when the board is placed.",
            discussion: "Same claim, new run; nothing is created twice and the device credential is kept.")

        @OptionGroup var workflow: WorkflowOptions

        func run() async throws { try await workflow.order(.reflash) }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Has the device reset when the board is placed.",
            discussion: """
                For a board that lost its DeviceSecret. When the board is placed and its UID proves that it is the same one, \
                the cloud opens the device for registration again (ResetThing), the board's device credential is erased, \
                and the board registers and activates anew. Whether the secret changed is recorded by its keyed digest.
                """)

        @OptionGroup var workflow: WorkflowOptions

        func run() async throws { try await workflow.order(.reset) }
    }

    struct Scrap: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a unit up: its device is deleted, without pre-registration disabled.",
            discussion: "Its place in the quota is given back only with --destroyed and a second person.")

        @OptionGroup var workflow: WorkflowOptions
        @OptionGroup var destruction: DestructionOptions

        func run() async throws {
            try await workflow.order(.scrap(destroyed: destruction.destroyed), second: destruction.second)
        }
    }

    struct Replace: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a unit up and links the board that takes its place.",
            discussion: """
                The unit is scrapped; the board with the other identity is claimed under its own name when it is placed, \
                and the journal links the two.
                """)

        @OptionGroup var workflow: WorkflowOptions
        @Option(
            name: .customLong("with"),
            help: ArgumentHelp("Identity of the board that takes its place.", valueName: "identity"))
        var identity: String
        @OptionGroup var destruction: DestructionOptions

        func run() async throws {
            try await workflow.order(
                .replace(identity: identity, destroyed: destruction.destroyed), second: destruction.second)
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forbids the unit's device to connect.")

        @OptionGroup var workflow: WorkflowOptions

        func run() async throws { try await workflow.order(.disable) }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets the unit's device connect again.")

        @OptionGroup var workflow: WorkflowOptions

        func run() async throws { try await workflow.order(.enable) }
    }

    struct ClientIDs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clientids",
            abstract: "Lists the ClientIDs of a unit without pre-registration; keeps one or clears them.",
            discussion: """
                --keep makes all but one void (the console's switch), --clear makes all void (the console's clear): the \
                board then has to register anew. Without either the list is printed.
                """)

        @Argument(help: "The unit's DeviceName.") var name: String
        @Option(help: ArgumentHelp("Keep this one.", valueName: "clientid")) var keep: String?
        @Flag(help: "Make all void.") var clear = false
        @Option(help: "Why, for the journal.") var reason: String?
        @OptionGroup var station: StationOptions

        func validate() throws {
            guard keep == nil || !clear else { throw ValidationError("give either --keep or --clear") }
            guard keep == nil && !clear || reason?.isEmpty == false else { throw ValidationError("give a --reason") }
        }

        func run() async throws {
            let request: UnitRequest? = keep.map { .keepClientID($0) } ?? (clear ? .clearClientIDs : nil)
            if let request {
                _ = try await station.sender().send(
                    .unit(deviceName: name, request: request, reason: reason ?? "", second: nil))
            }
            let found = try await station.sender().send(.listClientIDs(deviceName: name)).array ?? []
            for client in found {
                print(
                    "\(client["client_id"].string ?? "?")  created \(client["created_at_ms"].int.map(String.init) ?? "?")"
                )
            }
            print("\(name) has \(found.count) ClientIDs")
        }
    }
}

/// The unit, the reason and the station of a workflow.
struct WorkflowOptions: ParsableArguments {
    @Argument(help: "The unit's DeviceName.") var name: String
    @Option(help: "Why, for the journal.") var reason: String
    @OptionGroup var station: StationOptions

    func order(_ request: UnitRequest, second: String? = nil) async throws {
        let unit = try await station.sender().send(
            .unit(deviceName: name, request: request, reason: reason, second: second))
        let waits = unit["pending"].string.map { "; it waits for \($0): place its board" } ?? ""
        print("\(unit["device_name"].string ?? name) is \(unit["state"].string ?? "?")\(waits)")
    }
}

/// Who signs that a board is destroyed.
struct DestructionOptions: ParsableArguments {
    @Flag(help: "The board is destroyed: its place in the quota is given back. Needs --second.") var destroyed = false
    @Option(help: ArgumentHelp("The second person who signs.", valueName: "person")) var second: String?
}
