import Dispatch
import Foundation
import Locking

/// The thread of one slot: an actor that names it as its executor may block in reads and writes without holding up the
/// shared pool, which has one thread a core.
///
/// The thread lives as long as this object; work already queued is finished first.
public final class SlotThread: Sendable {
    private let executor = Executor()

    /// Starts the thread. `name` shows in debuggers and process listings (the first 15 bytes there).
    public init(name: String) {
        let executor = self.executor
        let thread = Thread { executor.run() }
        thread.stackSize = 1 << 20
        thread.start()
        // Named from here, before any job: Foundation passes a name over until `start()` has returned, so a thread that
        // names itself may come too early. The system passes over a name of more than 15 bytes.
        var short = name
        while short.utf8.count > 15 { short.removeLast() }
        thread.name = short
    }

    deinit { executor.stop() }

    /// What an actor returns from its `unownedExecutor`; it must keep the thread alive.
    public var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private final class Executor: SerialExecutor {
        private struct State {
            var jobs: [UnownedJob] = []
            var isStopped = false
        }

        private let state = Locked(State())
        private let wake = DispatchSemaphore(value: 0)

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            state.withLock { $0.jobs.append(job) }
            wake.signal()
        }

        func stop() {
            state.withLock { $0.isStopped = true }
            wake.signal()
        }

        func run() {
            while true {
                wake.wait()
                let (job, ends) = state.withLock { state in
                    (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isStopped && state.jobs.isEmpty)
                }
                job?.runSynchronously(on: asUnownedSerialExecutor())
                if job == nil && ends { return }
            }
        }
    }
}
