import ArgumentParser
import Execution
import Provisioning

/// Changes what may change about an order.
struct OrderAmendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "amend", abstract: "Changes quota, window or limits of an order; each change is a record.",
        discussion: """
            The quota never goes below what is claimed or listed in advance. `none` takes a window or a limit away. All other
            terms stay as they are: make a new order for them. What is closed or being closed does not change any more.
              station order amend WO-0001 --quota 1200 --reason "customer ordered 200 more" --config station.toml
              station order amend WO-0001 --offline-boards none --reason "owner, by phone" --config station.toml
            """)

    @Argument(help: "The order, such as WO-0001.") var id: String
    @Option(help: ArgumentHelp("Units that may be claimed.", valueName: "n")) var quota: Int?
    @Option(help: ArgumentHelp("When it takes boards, FROM/UNTIL in UTC, or none.", valueName: "from/until"))
    var window: String?
    @Option(help: ArgumentHelp("Runs of a unit before it is on hold, 1 to 20, or none.", valueName: "n"))
    var runLimit: String?
    @Option(help: ArgumentHelp("Runs after one that failed in a step, 0 to 20, or none.", valueName: "n"))
    var stepRetries: String?
    @Option(help: ArgumentHelp("Boards that may wait for their activation, or none.", valueName: "n"))
    var offlineBoards: String?
    @Option(help: ArgumentHelp("Minutes that a board may wait for it, or none.", valueName: "n"))
    var offlineMinutes: String?
    @Option(help: "Why, for the journal.") var reason: String
    @OptionGroup var station: StationOptions

    func run() async throws {
        let amendment = OrderAmendment(
            quota: quota, window: window, runLimit: try limit(runLimit, "--run-limit"),
            stepRetries: try limit(stepRetries, "--step-retries"),
            offlineBoards: try limit(offlineBoards, "--offline-boards"),
            offlineMinutes: try limit(offlineMinutes, "--offline-minutes"))
        guard amendment != OrderAmendment() else { throw ValidationError("nothing is to change; see --help") }
        let changed = try await station.sender().send(.orders(.amend(id: id, amendment, reason: reason)))
        print(
            "\(id): quota \(changed["quota"].int ?? 0), \(changed["claimed"].int ?? 0) claimed, "
                + "\(changed["left"].int ?? 0) left")
    }

    private func limit(_ text: String?, _ option: String) throws -> OrderAmendment.Limit? {
        guard let text else { return nil }
        if text == "none" { return OrderAmendment.Limit.none }
        guard let number = Int(text) else {
            throw ValidationError("\(option) \(text): expected a whole number or none")
        }
        return .at(number)
    }
}
