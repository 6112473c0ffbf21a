import Foundation
import Glibc
import Locking

/// A thread that waits for descriptors and timers, and the executor of the actors bound to it.
///
/// A simulated board's bytes never touch Swift's shared pool: its actor, the descriptors it watches and its timers all
/// live on one such thread, so a handler may enter the actor with `assumeIsolated`. The thread starts with the first
/// job and ends after ``shutdown()`` once no job and no descriptor is left; a job that comes later starts it again.
public final class PollLoop: SerialExecutor {
    /// Runs on the loop's thread; for descriptors it gets `poll`'s result bits.
    typealias Handler = @Sendable (Int16) -> Void

    /// Names a watched descriptor or a timer.
    struct Token: Hashable, Sendable { fileprivate let number: UInt64 }

    private struct Watch {
        var descriptor: Int32
        var events: Int16
        var handler: Handler
    }

    private struct Timer {
        var deadline: ContinuousClock.Instant?
        var handler: Handler
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var watches: [Token: Watch] = [:]
        var timers: [Token: Timer] = [:]
        var lastToken: UInt64 = 0
        var thread: pthread_t?
        var stopping = false

        mutating func token() -> Token {
            lastToken += 1
            return Token(number: lastToken)
        }
    }

    private let state = Locked(State())
    private let wakeupIn: OwnedDescriptor
    private let wakeupOut: OwnedDescriptor
    private let name: String

    /// Makes a loop whose thread carries `name`.
    public init(name: String) {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no descriptors left for the loop \(name): \(systemText(errno))")
        wakeupOut = OwnedDescriptor(ends[0])
        wakeupIn = OwnedDescriptor(ends[1])
        for end in [wakeupIn, wakeupOut] {
            end.setNonBlocking()
            end.setCloseOnExec()
        }
        self.name = name
    }

    // MARK: - Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let starts = state.withLock { state in
            state.jobs.append(job)
            return startNeeded(&state)
        }
        if starts { start() } else { wake() }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    public func isIsolatingCurrentContext() -> Bool? { isOwnThread }

    public func checkIsolated() { precondition(isOwnThread, "outside the thread of loop \(name)") }

    private var isOwnThread: Bool { state.withLock { $0.thread == pthread_self() } }

    // MARK: - Descriptors and timers

    /// Calls `handler` on the loop's thread whenever one of `events` (or a hang-up) is there on `descriptor`.
    func watch(_ descriptor: Int32, events: Int32, _ handler: @escaping Handler) -> Token {
        change { state in
            let token = state.token()
            state.watches[token] = Watch(descriptor: descriptor, events: Int16(events), handler: handler)
            return token
        }
    }

    /// Waits for other events from now on; 0 leaves hang-ups only.
    func setEvents(_ token: Token, _ events: Int32) {
        let old = state.withLock { state in
            let old = state.watches[token]?.events
            state.watches[token]?.events = Int16(events)
            return old
        }
        if old != Int16(events) { wake() }
    }

    /// Forgets a descriptor; its handler is not called again.
    func unwatch(_ token: Token) { change { $0.watches[token] = nil } }

    /// Makes a timer that is not armed yet.
    func timer(_ handler: @escaping Handler) -> Token {
        change { state in
            let token = state.token()
            state.timers[token] = Timer(deadline: nil, handler: handler)
            return token
        }
    }

    /// Lets a timer fire once at `deadline`; nil disarms it.
    func arm(_ token: Token, at deadline: ContinuousClock.Instant?) {
        let changed = state.withLock { state in
            guard let old = state.timers[token]?.deadline else {
                state.timers[token]?.deadline = deadline
                return deadline != nil
            }
            state.timers[token]?.deadline = deadline
            return old != deadline
        }
        if changed { wake() }
    }

    /// Forgets a timer.
    func cancel(_ token: Token) { change { $0.timers[token] = nil } }

    /// Lets the thread end once nothing is left to do.
    public func shutdown() {
        state.withLock { $0.stopping = true }
        wake()
    }

    private func change<R: Sendable>(_ body: (inout State) -> R) -> R {
        let (result, starts) = state.withLock { state in
            let result = body(&state)
            return (result, startNeeded(&state))
        }
        if starts { start() } else { wake() }
        return result
    }

    // MARK: - The thread

    /// Claims the start of the thread for the caller; the placeholder id is replaced by the thread itself.
    private func startNeeded(_ state: inout State) -> Bool {
        guard state.thread == nil, !state.jobs.isEmpty || !state.watches.isEmpty else { return false }
        state.thread = 0
        return true
    }

    private func start() {
        let thread = Thread { [self] in
            state.withLock { $0.thread = pthread_self() }
            while turn() {}
        }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func wake() {
        if !isOwnThread { _ = wakeupIn.write([0]) }
    }

    /// One round: jobs, then one wait, then what is ready. Returns false when the thread may end.
    private func turn() -> Bool {
        let jobs = state.withLock { state in
            let jobs = state.jobs
            state.jobs = []
            return jobs
        }
        for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }

        let (watches, deadline, ends) = state.withLock { state in
            let ends = state.stopping && state.jobs.isEmpty && state.watches.isEmpty
            if ends { state.thread = nil }
            let deadline = state.jobs.isEmpty ? state.timers.values.compactMap(\.deadline).min() : .now
            return (state.watches.map { ($0.key, $0.value.descriptor, $0.value.events) }, deadline, ends)
        }
        if ends { return false }

        var polled = [pollfd(fd: wakeupOut.number, events: Int16(POLLIN), revents: 0)]
        for (_, descriptor, events) in watches { polled.append(pollfd(fd: descriptor, events: events, revents: 0)) }
        wait(&polled, until: deadline)
        if polled[0].revents != 0 { _ = wakeupOut.read(limit: 256) }
        for (index, watch) in watches.enumerated() where polled[index + 1].revents != 0 {
            let handler = state.withLock { $0.watches[watch.0]?.handler }
            handler?(polled[index + 1].revents)
        }
        for handler in dueTimers() { handler(0) }
        return true
    }

    /// `poll` counts in milliseconds; where only a timer is left, the rest of the time is slept off.
    private func wait(_ polled: inout [pollfd], until deadline: ContinuousClock.Instant?) {
        guard let deadline else {
            _ = poll(&polled, nfds_t(polled.count), -1)
            return
        }
        let left = max(.zero, ContinuousClock.now.duration(to: deadline)).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
        let ready = poll(&polled, nfds_t(polled.count), Int32(min(milliseconds, 60_000)))
        guard ready == 0, milliseconds < 60_000 else { return }
        let rest = max(.zero, ContinuousClock.now.duration(to: deadline)).components
        if rest.seconds == 0 { usleep(UInt32(rest.attoseconds / 1_000_000_000_000)) }
    }

    private func dueTimers() -> [Handler] {
        state.withLock { state in
            let now = ContinuousClock.now
            var due: [Handler] = []
            for (token, timer) in state.timers {
                guard let deadline = timer.deadline, deadline <= now else { continue }
                state.timers[token]?.deadline = nil
                due.append(timer.handler)
            }
            return due
        }
    }
}
