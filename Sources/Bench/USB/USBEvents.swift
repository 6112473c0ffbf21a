import CLibUSB
import Dispatch
import Foundation
import Locking
import Synchronization

/// The thread that handles libusb's events and looks for changes on the bus: after a hot-plug event, and once a second.
final class USBEvents: Sendable {
    private struct Watchers {
        var known: [USBBusPort: USBBusDevice] = [:]
        var streams: [Int: AsyncStream<USBChange>.Continuation] = [:]
        var next = 0
    }

    /// libusb locks it itself; valid until ``stop()`` has returned.
    nonisolated(unsafe) private let context: OpaquePointer
    private let isStopped = Atomic(false)
    /// Set by the hot-plug callback.
    private let isStale = Atomic(true)
    private let registered = Atomic(false)
    private let watchers = Locked(Watchers())
    private let ended = DispatchSemaphore(value: 0)

    init(context: OpaquePointer) { self.context = context }

    var hasHotplug: Bool { registered.load(ordering: .relaxed) }

    func start() {
        let thread = Thread { self.run() }
        thread.stackSize = 1 << 19
        thread.start()
        thread.name = "usb events"
    }

    /// Ends the thread and waits for it.
    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        libusb_interrupt_event_handler(context)
        ended.wait()
        let streams = watchers.withLock { watchers in
            defer { watchers.streams = [:] }
            return Array(watchers.streams.values)
        }
        for stream in streams { stream.finish() }
    }

    func changes() -> AsyncStream<USBChange> {
        AsyncStream { stream in
            let number = watchers.withLock { watchers in
                watchers.next += 1
                watchers.streams[watchers.next] = stream
                for device in watchers.known.values { stream.yield(.attached(device)) }
                return watchers.next
            }
            stream.onTermination = { [weak self] _ in
                self?.watchers.withLock { _ = $0.streams.removeValue(forKey: number) }
            }
            isStale.store(true, ordering: .relaxed)
            libusb_interrupt_event_handler(context)
        }
    }

    private func run() {
        var registration: libusb_hotplug_callback_handle = 0
        let own = Unmanaged.passUnretained(self).toOpaque()
        if libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG.rawValue) != 0 {
            let kinds =
                Int32(LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue) | Int32(LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT.rawValue)
            let code = libusb_hotplug_register_callback(
                context, kinds, 0, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
                Self.onHotplug, own, &registration)
            registered.store(code == 0, ordering: .relaxed)
        }
        var nextScan = ContinuousClock.now
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            if isStale.exchange(false, ordering: .relaxed) || ContinuousClock.now >= nextScan {
                scan()
                nextScan = .now + .seconds(1)
            }
            var wait = timeval(tv_sec: 0, tv_usec: 250_000)
            _ = libusb_handle_events_timeout_completed(context, &wait, nil)
        }
        if registered.load(ordering: .relaxed) { libusb_hotplug_deregister_callback(context, registration) }
        ended.signal()
    }

    private func scan() {
        let devices = USBScan.devices()
        watchers.withLock { watchers in
            let now = Dictionary(devices.map { ($0.port, $0) }, uniquingKeysWith: { first, _ in first })
            var news: [USBChange] = []
            for (port, device) in watchers.known where now[port] != device { news.append(.detached(device)) }
            for device in devices where watchers.known[device.port] != device { news.append(.attached(device)) }
            watchers.known = now
            for stream in watchers.streams.values { for change in news { stream.yield(change) } }
        }
    }

    /// Runs on the event thread, inside libusb: only notes that there is something to look at.
    private static let onHotplug: libusb_hotplug_callback_fn = { _, _, _, data in
        guard let data else { return 0 }
        Unmanaged<USBEvents>.fromOpaque(data).takeUnretainedValue().isStale.store(true, ordering: .relaxed)
        return 0
    }
}
