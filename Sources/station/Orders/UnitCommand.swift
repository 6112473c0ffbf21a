import ArgumentParser
import Execution
import Provisioning

/// Units: what a person decides about one.
struct UnitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unit", abstract: "Units: release.", subcommands: [Release.self])

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a unit on hold run again.",
            discussion: "The cause must be gone: the name in the cloud cleared up, the right board identified.")

        @Argument(help: "The unit's DeviceName.") var name: String
        @Option(help: "Why, for the journal.") var reason: String
        @OptionGroup var station: StationOptions

        func run() async throws {
            let unit = try await station.sender().send(.releaseUnit(deviceName: name, reason: reason))
            print("\(unit["device_name"].string ?? name) may run again")
        }
    }
}
