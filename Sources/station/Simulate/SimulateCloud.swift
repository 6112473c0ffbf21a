import ArgumentParser
import Glibc
import Logging
import Simulation
import UnixSignals

/// `station simulate cloud`: the cloud stand-in as a process of its own.
struct SimulateCloud: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloud",
        abstract: "Play the IoT platform: OpenAPI, dynamic registration and MQTT, with its own certificate authority.",
        discussion: """
            Runs until SIGTERM or SIGINT. The configuration is read once and may be a pipe. When all doors are open, the \
            ready file appears whole, with their addresses as JSON. The log goes to standard error and holds no secret.
            """
    )

    @Option(help: "TOML file with [listen], [[access_keys]], [[products]], [behaviour] and [pki]; /dev/fd/N works.")
    var config: String

    @Option(help: "JSON file to write when everything listens.")
    var readyFile: String

    @Option(help: "How much to log: debug, info, notice, warning or error.")
    var logLevel = "notice"

    func validate() throws {
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level is \(logLevel): allowed are debug, info, notice, warning, error")
        }
    }

    func run() async throws {
        let standIn: CloudStandIn
        do {
            var logger = Logger(label: "cloud", factory: { StreamLogHandler.standardError(label: $0) })
            logger.logLevel = Logger.Level(rawValue: logLevel) ?? .notice
            standIn = CloudStandIn(configuration: try CloudConfiguration.read(path: config), logger: logger)
        } catch let error as CloudConfigurationError {
            throw ValidationError(error.description)
        }
        let path = readyFile
        // The file of an earlier run must not be taken for this one's.
        unlink(path)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await standIn.run { ready in try ready.write(to: path) } }
            group.addTask { for await _ in signals { return } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
