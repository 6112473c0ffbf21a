import Foundation
import Subprocess
import SystemPackage

/// A child process of this same program that lives as long as a scope: the cloud stand-in, the fixture of simulated
/// boards. What it prints goes to a log file; what is secret reaches it on standard input.
struct Companion: Sendable {
    let arguments: [String]
    /// Its standard input, such as a configuration with secrets.
    let input: String
    let logFile: String
    /// Appears when the companion is ready.
    let readyFile: String

    /// Why a companion could not be used.
    struct CompanionError: Error, CustomStringConvertible {
        let description: String
    }

    /// Starts the companion, waits until it is ready, runs `body`, ends the companion.
    func run<Result: Sendable>(_ body: @Sendable @escaping () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await launch()
                return nil
            }
            group.addTask {
                try await waitUntilReady()
                return try await body()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else {
                throw CompanionError(description: "`station \(arguments.joined(separator: " "))` ended; see \(logFile)")
            }
            return result
        }
    }

    private func launch() async throws {
        let log = try FileDescriptor.open(
            FilePath(logFile), .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite])
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(3))]
        _ = try await Subprocess.run(
            .path(FilePath(StationHome.executablePath() ?? CommandLine.arguments[0])), arguments: Arguments(arguments),
            platformOptions: options, input: .string(input),
            output: .fileDescriptor(log, closeAfterSpawningProcess: false),
            error: .fileDescriptor(log, closeAfterSpawningProcess: true))
    }

    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !FileManager.default.fileExists(atPath: readyFile) {
            guard ContinuousClock.now < deadline else {
                throw CompanionError(
                    description: "`station \(arguments.joined(separator: " "))` was not ready in 30 s; see \(logFile)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
