import Foundation
import Glibc
import Locking

/// Tells which ports come and go, without udev and libusb: inotify on the folder of device nodes at once, and a scan of
/// sysfs once a second as the safe base.
///
/// Source: the kernel makes the node after the sysfs entry, and udev changes owner and mode of the node a moment later,
/// which is an event of its own.
public struct PortWatch: Sendable {
    private let roots: PortRoots
    private let interval: Duration
    private let usesEvents: Bool
    private let onEnd: @Sendable () -> Void

    public init(roots: PortRoots = .system) {
        self.init(roots: roots, interval: .seconds(1), usesEvents: true, onEnd: {})
    }

    /// - Parameters:
    ///   - interval: from one scan to the next, at least a second.
    ///   - usesEvents: false leaves inotify out.
    ///   - onEnd: called on the watch's thread when its descriptors are closed.
    init(roots: PortRoots, interval: Duration, usesEvents: Bool, onEnd: @escaping @Sendable () -> Void) {
        self.roots = roots
        self.interval = max(interval, .seconds(1))
        self.usesEvents = usesEvents
        self.onEnd = onEnd
    }

    /// The changes from now on; first, `appeared` for everything that is there.
    ///
    /// Each call starts a thread with at most three descriptors, which both end with the stream: when its task is
    /// cancelled, or when nobody holds the stream any more.
    public func changes() -> AsyncStream<PortChange> {
        let (stream, continuation) = AsyncStream.makeStream(of: PortChange.self)
        let stop = StopSignal()
        continuation.onTermination = { _ in stop.send() }
        let (roots, interval, usesEvents, onEnd) = (roots, interval, usesEvents, onEnd)
        let thread = Thread {
            let run = Run(roots: roots, interval: interval, events: usesEvents ? PortEvents(roots: roots) : nil)
            run.loop(until: stop, yield: { continuation.yield($0) })
            stop.close()
            onEnd()
        }
        thread.name = "port watch"
        thread.stackSize = 1 << 20
        thread.start()
        return stream
    }

    /// One thread's work.
    private struct Run {
        let roots: PortRoots
        let interval: Duration
        let events: PortEvents?

        func loop(until stop: StopSignal, yield: (PortChange) -> Void) {
            defer { events?.close() }
            var inventory = PortInventory(roots: roots)
            var nextScan = ContinuousClock.now
            while !stop.isSent {
                if ContinuousClock.now >= nextScan {
                    for change in inventory.scan() { yield(change) }
                    nextScan = ContinuousClock.now + interval
                }
                guard wait(for: stop, until: nextScan), let reading = events?.read() else { continue }
                for path in reading.paths.sorted() {
                    for change in inventory.look(at: path) { yield(change) }
                }
                // Rare: lost events, or a folder of links that came or went.
                if reading.needsScan { for change in inventory.lookAtAll() { yield(change) } }
            }
        }

        /// Waits for events, the stop or the deadline. True where there are events.
        private func wait(for stop: StopSignal, until deadline: ContinuousClock.Instant) -> Bool {
            let left = max(deadline - ContinuousClock.now, .zero)
            let milliseconds = Int32(clamping: Int((left / .milliseconds(1)).rounded(.up)))
            var requests = [
                pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: events?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            return poll(&requests, 2, milliseconds) > 0 && requests[1].revents != 0
        }
    }
}

/// Wakes a thread for its end through a pair of sockets, sent from any other; closed by that thread.
private final class StopSignal: Sendable {
    private struct State {
        var writer: Int32
        var isSent = false
    }

    private let state: Locked<State>
    /// For the thread that waits; negative where the system gave none, and the end is then seen at the next scan.
    let descriptor: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        _ = socketpair(AF_UNIX, Int32(kind), 0, &ends)
        descriptor = ends[0]
        state = Locked(State(writer: ends[1]))
    }

    var isSent: Bool { state.withLock { $0.isSent } }

    func send() {
        state.withLock { state in
            state.isSent = true
            if state.writer >= 0 { _ = write(state.writer, [1], 1) }
        }
    }

    func close() {
        state.withLock { state in
            if state.writer >= 0 { _ = Glibc.close(state.writer) }
            state.writer = -1
        }
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }
}
