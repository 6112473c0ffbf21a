import ArgumentParser
import Simulation

/// `station simulate switch`: the console's dynamic-registration switch of one product of a running stand-in.
struct SimulateSwitch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switch", abstract: "Turn a product's dynamic-registration switch on or off.")

    enum Position: String, ExpressibleByArgument, CaseIterable { case on, off }

    @Option(help: "Ready file of the running stand-in.")
    var readyFile: String

    @Argument(help: "ProductKey of the product.")
    var productKey: String

    @Argument(help: "on or off.")
    var position: Position

    func run() async throws {
        let admin = try CloudAdmin(ReadyFile.read(from: readyFile))
        try await admin.turnSwitch(product: productKey, on: position == .on)
        print("dynamic registration of \(productKey) is \(position.rawValue)")
    }
}
