import Glibc
import Subprocess
import SystemPackage

/// Runs the command that resets or powers a board.
struct CommandPower {
    let template: [String]

    /// Fills in the template, runs it and waits for its end; at the deadline it and its process group are ended.
    func perform(_ action: PowerAction, slot: String) async throws {
        let words = template.map {
            $0.replacing("{slot}", with: slot).replacing("{action}", with: action.rawValue)
        }
        guard let program = words.first, !program.isEmpty else {
            throw PowerError(.unavailable, action: action.rawValue, "the control command is empty")
        }
        let status = try await withThrowingTaskGroup(of: TerminationStatus?.self) { group in
            group.addTask { try await Self.run(program, Array(words.dropFirst()), action) }
            group.addTask {
                try await Task.sleep(for: PowerControl.limit)
                return nil
            }
            let first = try await group.next()
            group.cancelAll()
            return first.flatMap { $0 }
        }
        try Task.checkCancellation()
        guard let status else {
            throw PowerError(
                .timeout, action: action.rawValue, "\(program) did not end within 15 s and was stopped")
        }
        guard status.isSuccess else {
            throw PowerError(.refused, action: action.rawValue, "\(program) ended with \(status), expected status 0")
        }
    }

    private static func run(
        _ program: String, _ arguments: [String], _ action: PowerAction
    ) async throws -> TerminationStatus {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(arguments),
                platformOptions: options, output: .discarded, error: .discarded)
            return result.terminationStatus
        } catch let error as SubprocessError {
            throw PowerError(
                .unavailable, action: action.rawValue, "\(program) cannot be started: \(error.description)")
        }
    }
}
