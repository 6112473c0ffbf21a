import Foundation
import Subprocess
import SystemPackage

/// A child process that lives as long as a scope, of this same program where no other is named: the cloud stand-in, the
/// fixture of simulated boards. What it prints goes to a log file; what is secret reaches it on standard input.
struct Companion: Sendable {
    /// Path of the program; nil = this one.
    var program: String?
    let arguments: [String]
    /// Its standard input, such as a configuration with secrets.
    let input: String
    let logFile: String
    /// Appears when the companion is ready.
    let readyFile: String
    /// Stands in the ready file when the companion is ready, where its mere existence does not say so.
    var readyText: String?

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
                throw CompanionError(description: "`\(call)` ended; see \(logFile)")
            }
            return result
        }
    }

    private var call: String { ([program ?? "station"] + arguments).joined(separator: " ") }

    private var isReady: Bool {
        guard let readyText else { return FileManager.default.fileExists(atPath: readyFile) }
        return ((try? String(contentsOfFile: readyFile, encoding: .utf8)) ?? "").contains(readyText)
    }

    private func launch() async throws {
        let log = try FileDescriptor.open(
            FilePath(logFile), .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite])
        defer { try? log.close() }
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(3))]
        _ = try await Subprocess.run(
            .path(FilePath(program ?? StationHome.executablePath() ?? CommandLine.arguments[0])),
            arguments: Arguments(arguments), platformOptions: options, input: .string(input),
            output: .fileDescriptor(log, closeAfterSpawningProcess: false),
            error: .fileDescriptor(log, closeAfterSpawningProcess: false))
    }

    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !isReady {
            guard ContinuousClock.now < deadline else {
                throw CompanionError(description: "`\(call)` was not ready in 30 s; see \(logFile)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
