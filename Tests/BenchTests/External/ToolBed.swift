import Foundation
import Glibc
import Locking

@testable import Bench

/// A folder of a test with scripts that play external programs.
struct ToolBed {
    let folder: URL

    static func with<R>(_ body: (ToolBed) async throws -> R) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tools-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(ToolBed(folder: folder))
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Writes an executable script for `sh` and returns its path.
    func script(_ name: String, _ body: String) throws -> String {
        try Data("#!/bin/sh\n\(body)\n".utf8).write(to: folder.appendingPathComponent(name))
        guard chmod(path(name), 0o755) == 0 else { throw POSIXError(.EPERM) }
        return path(name)
    }

    /// Whether the process runs; one that has ended and that nobody has collected does not.
    static func isRunning(_ process: pid_t) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return !status.contains(") Z") && !status.contains(") X")
    }

    /// Waits until none of the processes runs: a signal takes a moment. False where one goes on.
    static func haveEnded(_ processes: [pid_t]) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while processes.contains(where: isRunning) {
            guard ContinuousClock.now < deadline else { return false }
            await Task.yield()
        }
        return true
    }
}

/// Runs blocking work on a thread of its own, as a slot does.
actor BlockingHand {
    private let thread = SlotThread(name: "test tool")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    func perform<R: Sendable>(_ body: @Sendable () throws -> R) throws -> R { try body() }
}

/// Other people's flashers, where this machine has them.
enum Peer {
    static let esptool = ProcessInfo.processInfo.environment["STATION_VENV"].map { "\($0)/bin/esptool" }
    static func isThere(_ program: String?) -> Bool { program.flatMap { try? ToolIdentity.find($0) } != nil }
}

/// A value that a run's closures share with the test.
final class Shared<Value: Sendable>: Sendable {
    private let value: Locked<Value>
    init(_ value: Value) { self.value = Locked(value) }
    func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R { value.withLock { body(&$0) } }
}
