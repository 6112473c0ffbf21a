import Dispatch
import Synchronization

extension ToolRunner {
    /// As ``run(_:_:within:onLine:)``, for a thread that may block: a slot's own, never one of the shared pool.
    ///
    /// The program's lines are handed over on the calling thread. A cancelled task ends the program within about 50 ms
    /// and gets its thread back once the whole group is gone.
    /// - Throws: ``ToolError``.
    func runBlocking(
        _ program: String, _ arguments: [String], within limit: Duration, onLine: (String) -> Void
    ) throws(ToolError) -> Outcome {
        let bridge = Bridge()
        let task = Task.detached {
            do {
                bridge.finish(.success(try await run(program, arguments, within: limit) { bridge.add($0) }))
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
}

/// Carries lines and the result from the run's task to the thread that waits for them.
private final class Bridge: Sendable {
    /// Lines that may wait; older ones are dropped, so that a slow reader needs no more memory.
    private static let limit = 4096

    private struct State {
        var lines: [String] = []
        var result: Result<ToolRunner.Outcome, ToolError>?
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    func add(_ line: String) {
        state.withLock { state in
            if state.lines.count >= Self.limit { state.lines.removeFirst(Self.limit / 2) }
            state.lines.append(line)
        }
        wake.signal()
    }

    func finish(_ result: Result<ToolRunner.Outcome, ToolError>) {
        state.withLock { $0.result = result }
        wake.signal()
    }

    func take(within time: Duration) -> (lines: [String], result: Result<ToolRunner.Outcome, ToolError>?) {
        _ = wake.wait(timeout: .now() + .milliseconds(Int(time / .milliseconds(1))))
        return state.withLock { state in
            defer { state.lines = [] }
            return (state.lines, state.result)
        }
    }
}
