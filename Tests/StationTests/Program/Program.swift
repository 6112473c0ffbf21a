import Foundation
import Subprocess
import SystemPackage

/// A program that tests run as a child process: the station itself, or a foreign tool.
struct Program: Sendable {
    let path: String

    /// The real executable, as the build left it beside the test bundle.
    static let station: Program = {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var folder = URL(fileURLWithPath: own ?? CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("station").path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue {
                return Program(path: candidate)
            }
            folder = folder.deletingLastPathComponent()
        }
        return Program(path: "station")
    }()

    /// The folder of the sources, with what the tests run besides.
    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// How a child ended, and what it printed.
    struct Ended: Sendable {
        let status: TerminationStatus
        let output: String
        let error: String

        var isSuccess: Bool { status.isSuccess }

        /// The exit status; nil where a signal ended it.
        var code: Int32? { if case .exited(let code) = status { code } else { nil } }

        /// The signal that ended it; nil where it ended by itself.
        var signal: Int32? { if case .signaled(let signal) = status { signal } else { nil } }
    }

    /// Runs to the end.
    /// - Throws: ``TestTrouble`` when it has not ended after `limit`; it and its children are ended then.
    func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:],
        within limit: Duration = .seconds(120)
    ) async throws -> Ended {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(10))
        ]
        let (path, settings) = (path, options)
        return try await withThrowingTaskGroup(of: Ended?.self) { group in
            group.addTask {
                let ended = try await Subprocess.run(
                    .path(FilePath(path)), arguments: Arguments(arguments), environment: Self.environment(environment),
                    platformOptions: settings, input: .string(input), output: .string(limit: 64 << 20),
                    error: .string(limit: 64 << 20))
                return Ended(
                    status: ended.terminationStatus, output: ended.standardOutput, error: ended.standardError)
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let ended = first else {
                throw TestTrouble("\(path) \(arguments.joined(separator: " ")) had not ended after \(limit)")
            }
            return ended
        }
    }

    /// Runs while `body` does; then it is told to end by SIGTERM, and its end is waited for.
    /// - Parameter log: receives what it prints.
    /// - Returns: what `body` made, and the exit status; nil where a signal ended it.
    /// - Throws: what `body` throws; ``TestTrouble`` when the program ends before `body`.
    func running<Value: Sendable>(
        _ arguments: [String], input: String = "", environment: [String: String] = [:], log: String,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> (value: Value, code: Int32?) {
        let file = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite])
        let name = "\(path) \(arguments.joined(separator: " "))"
        let ended = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), environment: Self.environment(environment),
            input: .string(input), output: .fileDescriptor(file, closeAfterSpawningProcess: false),
            error: .fileDescriptor(file, closeAfterSpawningProcess: true)
        ) { execution in
            let result: Result<Value, any Error>
            do {
                let number = Int(execution.processIdentifier.value)
                result = .success(try await Self.whileAlive(number, name: name, log: log, body))
            } catch {
                result = .failure(error)
            }
            await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(60))])
            return try result.get()
        }
        guard case .exited(let code) = ended.terminationStatus else { return (ended.closureResult, nil) }
        return (ended.closureResult, code)
    }

    /// How a process that may be killed in its middle came to its end.
    enum Life: Equatable, Sendable {
        case exited(Int32)
        case signaled(Int32)
    }

    /// Runs until `body` returns and the program was told to end by SIGTERM, or until it is gone by itself.
    /// - Throws: what `body` throws while the program lives; ``TestTrouble`` where it ends by itself and not by a signal.
    func life(
        _ arguments: [String], environment: [String: String], log: String,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Life {
        let file = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite])
        let ended = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), environment: Self.environment(environment),
            input: .none, output: .fileDescriptor(file, closeAfterSpawningProcess: false),
            error: .fileDescriptor(file, closeAfterSpawningProcess: true)
        ) { execution in
            let number = Int(execution.processIdentifier.value)
            let result: Result<Bool, any Error>
            do {
                result = .success(
                    try await withThrowingTaskGroup(of: Bool.self) { group in
                        group.addTask {
                            try await body()
                            return true
                        }
                        group.addTask {
                            try await eventually("an end", within: .seconds(3600)) { Self.isGone(number) ? true : nil }
                            return false
                        }
                        defer { group.cancelAll() }
                        return try await group.next() ?? false
                    })
            } catch {
                // Who looks at a process that is just dying may be told anything.
                result = Self.isGone(number) ? .success(false) : .failure(error)
            }
            await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(60))])
            return try result.get()
        }
        switch ended.terminationStatus {
        case .signaled(let signal): return .signaled(signal)
        case .exited(let code):
            guard ended.closureResult else {
                let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                throw TestTrouble("\(path) ended by itself with status \(code); it printed:\n\(text.suffix(2000))")
            }
            return .exited(code)
        }
    }

    /// Runs `body`; gives up as soon as the process `number` is gone.
    private static func whileAlive<Value: Sendable>(
        _ number: Int, name: String, log: String, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await eventually("the end of \(name)", within: .seconds(3600)) { isGone(number) ? true : nil }
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else {
                let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                throw TestTrouble("\(name) ended too early; it printed:\n\(text.suffix(2000))")
            }
            return value
        }
    }

    /// Whether a child is no longer there, or is there only until its status is read (proc(5), "stat").
    private static func isGone(_ number: Int) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return true }
        return text[end...].dropFirst(2).first == "Z"
    }

    private static func environment(_ changes: [String: String]) -> Environment {
        .inherit.updating(
            Dictionary(uniqueKeysWithValues: changes.map { (Environment.Key(stringLiteral: $0.key), $0.value) }))
    }
}
