import ArgumentParser
import Execution
import Provisioning

/// What a scanner read, given by hand.
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Gives the running station the label of a board that waits for it.",
        discussion: """
            For orders made with --label-scan: the board in a slot goes on once its label names it, by its identity or its \
            DeviceName. The third wrong label at a slot sends its board to the HOLD tray (ID-109).
            """)

    @Argument(help: "What the label says.") var text: String
    @Option(help: "The slot at which it was scanned; else the station finds it.") var slot: String?
    @OptionGroup var station: StationOptions

    func run() async throws {
        let found = try await station.sender().send(.scanLabel(text: text, slot: slot))
        print("slot \(found["slot"].string ?? "?"): the label is its board's")
    }
}
