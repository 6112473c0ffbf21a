import Provisioning
import Simulation

/// The cloud stand-in in a process of its own, as the demo runs it; started more than once, it takes up its state.
struct BenchStandIn: Sendable {
    /// Holds the state, the certificates and the ready files.
    let folder: String
    let credentials: DemoCredentials
    /// Device connections it must take at a time.
    let connections: Int

    /// Starts the process, runs `body`, ends the process.
    /// - Parameter name: of this start, for its files.
    func run<R: Sendable>(_ name: String, _ body: @escaping @Sendable (CloudServer) async throws -> R) async throws -> R
    {
        let readyFile = folder + "/\(name).json"
        let companion = Companion(
            arguments: ["simulate", "cloud", "--config", "/dev/stdin", "--ready-file", readyFile],
            input: configuration, logFile: folder + "/\(name).log", readyFile: readyFile)
        return try await companion.run {
            let cloud = try BoardCloud(readyFile: readyFile).cloud
            return try await body(CloudServer(cloud: cloud, childContaining: readyFile))
        }
    }

    private var configuration: String {
        """
        [listen]
        host = "127.0.0.1"
        openapi_https = 0
        registration_https = 0
        mqtt_tls = 0

        \(credentials.standInTables)

        [behaviour]
        batch_delay_ms = 0
        mqtt_connections = \(connections)
        state_file = "\(folder)/state.json"

        [pki]
        directory = "\(folder)/pki"

        """
    }
}
