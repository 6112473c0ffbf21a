import Dispatch
import Locking

extension ToolRunner {
    /// As ``run(_:_:within:onLine:)``, for a thread that may block: a slot's own, never one of the shared pool.
    ///
    /// The program's lines are handed over on the calling thread. A cancelled task ends the program within about 50 ms
    /// and gets its thread back once the whole group is gone.
    /// - Throws: ``ToolError``.
    func runBlocking(
        _ program: String, _ arguments: [String], within limit: Duration, onLine: (String) -> Void
    ) throws(ToolError) -> Outcome {
        try Bridge.wait(program, onLine: onLine) { add in
            try await run(program, arguments, within: limit) { add($0) }
        }
    }
}

extension ToolIdentityReader {
    /// ``read(_:)`` for a thread that may block: a slot's own, never one of the shared pool.
    nonisolated func readBlocking(_ tool: ExternalTool) throws(ToolError) -> ToolIdentity {
        try Bridge.wait(tool.name) { _ in try await self.read(tool) }
    }
}

/// Carries lines and the result from a task to the thread that waits for them.
private final class Bridge<Value: Sendable>: Sendable {
    /// Lines that may wait; older ones are dropped, so that a slow reader needs no more memory.
    private static var limit: Int { 4096 }

    private struct State {
        var lines: [String] = []
        var result: Result<Value, ToolError>?
    }

    private let state = Locked(State())
    private let wake = DispatchSemaphore(value: 0)

    /// Blocks until `work` is over; a cancelled caller cancels it.
    static func wait(
        _ program: String, onLine: (String) -> Void = { _ in },
        _ work: @escaping @Sendable (_ add: @escaping @Sendable (String) -> Void) async throws -> Value
    ) throws(ToolError) -> Value {
        let bridge = Bridge()
        let task = Task.detached {
            do {
                bridge.finish(.success(try await work { bridge.add($0) }))
            } catch let error as ToolError {
                bridge.finish(.failure(error))
            } catch {
                bridge.finish(.failure(ToolError(.start, "\(program) cannot be run: \(error)")))
            }
        }
        while true {
            let (lines, result) = bridge.take(within: DescriptorIO.slice)
            for line in lines { onLine(line) }
            if let result { return try result.get() }
            if Task.isCancelled { task.cancel() }
        }
    }

    private func add(_ line: String) {
        state.withLock { state in
            if state.lines.count >= Self.limit { state.lines.removeFirst(Self.limit / 2) }
            state.lines.append(line)
        }
        wake.signal()
    }

    private func finish(_ result: Result<Value, ToolError>) {
        state.withLock { $0.result = result }
        wake.signal()
    }

    private func take(within time: Duration) -> (lines: [String], result: Result<Value, ToolError>?) {
        _ = wake.wait(timeout: .now() + .milliseconds(Int(time / .milliseconds(1))))
        return state.withLock { state in
            defer { state.lines = [] }
            return (state.lines, state.result)
        }
    }
}
