import Foundation
import Glibc
import Locking
import Subprocess
import SystemPackage

/// Runs an external program in a process group of its own and hands on its output line by line.
///
/// The group ends with the run: at the deadline, on cancellation, and when the program itself has ended, nothing that
/// it started goes on. It gets SIGTERM, 500 ms, then SIGKILL. The program's input is what it is given, by default nothing,
/// and its environment holds only what a program needs to run, so no credential of the station's own environment reaches
/// it.
public struct ToolRunner: Sendable {
    /// How a run ended.
    public struct Outcome: Sendable, Equatable {
        public enum Ending: Sendable, Equatable {
            /// By itself, with a status.
            case exited(Int32)
            /// By a signal that the station did not send.
            case signalled(Int32)
            /// Ended by the station at the deadline.
            case timedOut
        }

        public let ending: Ending
        /// The last lines of output, in order; at most ``ToolRunner/tailLength``.
        public let tail: [String]
        /// All bytes of output.
        public let bytes: Int
    }

    /// Time between SIGTERM and SIGKILL.
    public static let grace = Duration.milliseconds(500)
    /// Lines kept for an error's text.
    public static let tailLength = 40

    private let environment: [String: String]

    /// - Parameter environment: variables besides the usual ones (`PATH`, `HOME`, `TMPDIR`, `TZ`, and the language C).
    ///   They can be read by other processes of this account: no secrets.
    public init(environment: [String: String] = [:]) {
        var all = ["LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TERM": "dumb", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"]
        for name in ["PATH", "HOME", "TMPDIR", "TZ"] { all[name] = ProcessInfo.processInfo.environment[name] }
        self.environment = all.merging(environment) { $1 }
    }

    /// The path of a program that is named by its path, or by its name in PATH.
    /// - Throws: ``ToolError`` `missing`.
    public static func locate(_ program: String) throws(ToolError) -> String { try ToolIdentity.find(program) }

    /// Runs `program` and waits until its whole group has ended.
    ///
    /// - Parameters:
    ///   - program: an absolute path.
    ///   - input: what it reads from its standard input; whether it reads it is its own affair.
    ///   - onLine: called from a task of the run, one line after the other; must not block.
    /// - Throws: ``ToolError`` `missing`, `start`, `cancelled`.
    public func run(
        _ program: String, _ arguments: [String], input: [UInt8] = [], within limit: Duration,
        onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Outcome {
        guard access(program, X_OK) == 0 else {
            throw ToolError(
                .missing,
                "\(program) is not there or may not be run (\(DescriptorIO.text(errno))): install it, or correct "
                    + "its path")
        }
        let output = ToolOutput(onLine: onLine)
        do {
            let status = try await withThrowingTaskGroup(of: TerminationStatus?.self) { group in
                group.addTask { try await child(program, arguments, input, output) }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next().flatMap { $0 }
            }
            try Task.checkCancellation()
            let ending: Outcome.Ending =
                switch status {
                case .exited(let code): .exited(code)
                case .signaled(let number): .signalled(number)
                case nil: .timedOut
                }
            return output.outcome(ending)
        } catch let error as SubprocessError {
            if Task.isCancelled { throw ToolError(.cancelled, "cancelled") }
            throw ToolError(.start, "\(program) cannot be run: \(error.description)")
        } catch is CancellationError {
            throw ToolError(.cancelled, "cancelled")
        }
    }

    private func child(
        _ program: String, _ arguments: [String], _ input: [UInt8], _ output: ToolOutput
    ) async throws -> TerminationStatus {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.grace)]
        let variables = environment.reduce(into: [Environment.Key: String]()) { all, entry in
            if let key = Environment.Key(rawValue: entry.key) { all[key] = entry.value }
        }
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom(variables),
            platformOptions: options, input: .fileDescriptor(try Self.file(input), closeAfterSpawningProcess: true),
            output: .sequence, error: .combinedWithOutput
        ) { execution in
            let process = execution.processIdentifier.value
            do {
                for try await buffer in execution.standardOutput { buffer.withUnsafeBytes { output.push($0) } }
            } catch {
                // Reading ends with the run: cancelled, or the program has ended while others hold its output.
            }
            output.finish()
            let isCancelled = Task.isCancelled
            // Waited for even where this task is cancelled: the process is being ended meanwhile.
            await Task {
                while !ProcessGroup.hasEnded(process) { try? await Task.sleep(for: .milliseconds(5)) }
                await ProcessGroup.finish(process, until: .now + (isCancelled ? Self.grace : .zero))
            }.value
        }
        return result.terminationStatus
    }

    /// A nameless file to read from: unlike a pipe it is nobody's trouble when the program ends without reading it.
    private static func file(_ bytes: [UInt8]) throws -> FileDescriptor {
        guard !bytes.isEmpty else { return try FileDescriptor.open("/dev/null", .readOnly, options: .closeOnExec) }
        guard let stream = tmpfile() else {
            throw ToolError(.start, "no file for the input: \(DescriptorIO.text(errno))")
        }
        defer { fclose(stream) }
        let file = FileDescriptor(rawValue: fcntl(fileno(stream), F_DUPFD_CLOEXEC, 3))
        try file.writeAll(bytes)
        try file.seek(offset: 0, from: .start)
        return file
    }
}

/// Gathers a run's output: hands lines on, keeps the last ones.
private final class ToolOutput: Sendable {
    private struct State {
        var lines = ToolLines()
        var tail: [String] = []
        var bytes = 0
    }

    private let state = Locked(State())
    private let onLine: @Sendable (String) -> Void

    init(onLine: @escaping @Sendable (String) -> Void) { self.onLine = onLine }

    func push(_ bytes: UnsafeRawBufferPointer) {
        take(
            state.withLock { state in
                state.bytes += bytes.count
                return state.lines.push(bytes)
            })
    }

    func finish() { take(state.withLock { $0.lines.flush() }.map { [$0] } ?? []) }

    func outcome(_ ending: ToolRunner.Outcome.Ending) -> ToolRunner.Outcome {
        state.withLock { ToolRunner.Outcome(ending: ending, tail: $0.tail, bytes: $0.bytes) }
    }

    private func take(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        state.withLock { $0.tail = Array(($0.tail + lines).suffix(ToolRunner.tailLength)) }
        for line in lines { onLine(line) }
    }
}
