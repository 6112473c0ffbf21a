import CLibUSB

/// Something was plugged in or unplugged. A device that comes back with another number is first one, then the other.
public enum USBChange: Sendable, Equatable {
    case attached(USBBusDevice)
    case detached(USBBusDevice)
}

/// The USB of this machine: one libusb context and one thread that handles its events.
///
/// One per process is enough; safe to use from any thread. The thread ends with the object; handles keep it alive.
public final class USBBus: Sendable {
    /// libusb locks it itself.
    nonisolated(unsafe) let context: OpaquePointer
    private let events: USBEvents

    /// - Throws: ``LinkError`` `system` where libusb cannot start, as without /dev/bus/usb.
    public init() throws(LinkError) {
        var context: OpaquePointer?
        let code = libusb_init(&context)
        guard code == 0, let context else {
            throw LinkError(.system, port: "usb", "libusb does not start: \(USBFailure.text(code))")
        }
        self.context = context
        events = USBEvents(context: context)
        events.start()
    }

    deinit {
        events.stop()
        libusb_exit(context)
    }

    /// All devices, hubs included, by port path.
    public func devices() -> [USBBusDevice] { USBScan.devices() }

    /// The device at a port; nil where it is empty.
    public func device(at port: USBBusPort) -> USBBusDevice? { USBScan.device(at: port) }

    /// First every device that is there, then what changes, as long as the stream is read.
    ///
    /// A change shows at once where udev or the kernel tells of it, and otherwise within a second.
    public func changes() -> AsyncStream<USBChange> { events.changes() }

    /// True where the system tells of changes; otherwise they show within a second.
    public var hasHotplug: Bool { events.hasHotplug }
}

extension USBBus {
    /// One for the whole process: libusb keeps one event thread.
    static let shared = Result { () throws(LinkError) in try USBBus() }
}
