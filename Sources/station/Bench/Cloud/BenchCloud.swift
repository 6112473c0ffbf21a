import ArgumentParser
import Foundation

/// `station bench cloud`: how fast the cloud stand-in is, and what its connections cost, beside mosquitto.
struct BenchCloud: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloud",
        abstract: "Counts registrations and connections of the cloud stand-in, beside mosquitto's connections.",
        discussion: """
            The stand-in runs as a process of its own, as in the demo, and mosquitto as another, on loopback, with the \
            same kind of certificate (RSA 2048). One load generator in this process is the client of both, with the \
            station's own code: each registration is a TLS connection with its result, each connection TLS, a signed \
            CONNECT, CONNACK and DISCONNECT. The cases take turns in three slices each.

            Then each is started again, many devices connect and stay, and the resident memory is read before, \
            with and after them.

            Servers and load generator share the machine's cores: the ratio tells more than the rates. mosquitto is \
            taken from PATH or /usr/sbin; without it its half is skipped and said so.

            Examples:
              station bench cloud
              station bench cloud --seconds 10 --workers 16 --json
              station bench cloud --connections 10000
            """)

    @Option(help: "Time for each of the four cases, 1 to 600 seconds.") var seconds = 3
    @Option(help: "Clients at a time, 1 to 128.") var workers = 8
    @Option(help: "Connections held open for the memory, 10 to 20000.") var connections = 2000
    @OptionGroup var options: BenchOptions

    func validate() throws {
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds \(seconds): expected 1 to 600") }
        guard (1...128).contains(workers) else { throw ValidationError("--workers \(workers): expected 1 to 128") }
        guard (10...20_000).contains(connections) else {
            throw ValidationError("--connections \(connections): expected 10 to 20000")
        }
    }

    func run() async throws {
        let machine = BenchMachine.read()
        // Before the servers start: they inherit it.
        try OpenFileLimit.raise(
            to: UInt64(connections + CloudMeasurement.files), for: "--connections \(connections)")
        let (workers, connections, time, options) = (workers, connections, Duration.seconds(seconds), options)
        let found = try await options.withFolder { folder in
            try await CloudMeasurement(
                folder: folder, workers: workers, connections: connections, time: time,
                progress: { options.progress($0) }
            ).run()
        }
        options.finish(found.report(machine, seconds: seconds, workers: workers))
    }
}
