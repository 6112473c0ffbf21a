import ArgumentParser
import Foundation
import Simulation

/// `station simulate fixture`: all simulated boards of a line in one process, until SIGTERM or SIGINT.
struct SimulateFixture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fixture", abstract: "Run a fixture whose slots take simulated boards by command.")

    @Option(
        help: ArgumentHelp("JSON: slots, boards, cloud, channel, pace, retry_seconds, device_name.", valueName: "file"))
    var plan: String

    @Option(help: ArgumentHelp("Written when all slots can be reached.", valueName: "file"))
    var readyFile: String

    func run() async throws {
        let fixture = try SimulatedFixture(try FixturePlan(file: plan))
        try BoardReadyFile.write(fixture.addresses, to: URL(fileURLWithPath: readyFile))
        try await runUntilSignal { await fixture.run() }
    }
}
