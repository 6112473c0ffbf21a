/// One device on the USB tree, as sysfs tells of it.
public struct USBDevice: Hashable, Sendable {
    /// Where it is plugged in, such as `1-2.3`; nil for a root hub.
    public let portPath: USBPortPath?
    /// The bus, and the device's number on it, which grows with every enumeration.
    public let bus: Int
    public let number: Int
    public let vendor: UInt16
    public let product: UInt16
    /// The serial text; often absent, and often the same on many bridges.
    public let serial: String?
    /// Manufacturer and product as the device names itself.
    public let name: String?
    /// Megabits a second: 1.5, 12, 480, 5000 …; nil where the kernel does not say.
    public let speed: Double?
    /// bDeviceClass; 9 is a hub.
    public let deviceClass: UInt8
    /// bDeviceProtocol; of a high-speed hub 1 = one transaction translator, 2 = one for each port (USB 2.0, 11.23.1).
    public let deviceProtocol: UInt8
    public let interfaces: [Interface]
    /// The host controller's name, such as `0000:00:14.0`: the folder above the root hub.
    public let controller: String
    /// `power/control`: `on` or `auto`; with `auto` the kernel may suspend the device.
    public let powerControl: String?
    /// `power/autosuspend_delay_ms`; below 0 means never.
    public let autosuspendDelay: Int?

    /// One interface of the configuration in use.
    public struct Interface: Hashable, Sendable {
        public let number: Int
        public let interfaceClass: UInt8
        public let interfaceSubclass: UInt8
        /// The kernel driver bound to it.
        public let driver: String?
    }

    /// Whether it is a hub, root hubs included.
    public var isHub: Bool { deviceClass == 9 }

    /// Whether it has a DFU interface: class FEh, subclass 1 (USB DFU 1.1, 4.2.3).
    public var isDFU: Bool { interfaces.contains { $0.interfaceClass == 0xFE && $0.interfaceSubclass == 1 } }

    /// Whether the kernel suspends it after a while without use.
    public var isAutosuspended: Bool { powerControl == "auto" && (autosuspendDelay ?? 0) >= 0 }

    /// Vendor and product in the usual form, such as `10c4:ea60`.
    public var model: String { "\(Self.hex(vendor)):\(Self.hex(product))" }

    /// The node that libusb opens, below the folder of device nodes, such as `bus/usb/001/005`.
    public var node: String { "bus/usb/\(Self.padded(bus))/\(Self.padded(number))" }

    private static func hex(_ number: UInt16) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }
}

/// A serial port that belongs to a USB device.
public struct USBSerialPort: Hashable, Sendable {
    /// The kernel's name, such as `ttyUSB0`: an order of arrival, never a place.
    public let tty: String
    /// The USB interface it hangs on.
    public let interface: Int
    /// Which port of that interface, for bridges with several on one; 0 otherwise.
    public let portNumber: Int
    /// The kernel driver, such as `ftdi_sio` or `cdc_acm`.
    public let driver: String?
    public let device: USBDevice

    /// Where its device is plugged in.
    public var portPath: USBPortPath? { device.portPath }

    /// The address that means this place: `usb:1-2.3`, with the interface where the device has several ports.
    public func address(naming interface: Bool) -> String {
        guard let portPath else { return tty }
        return interface ? "usb:\(portPath):1.\(self.interface)" : "usb:\(portPath)"
    }

    /// The name that udev's rules give the link in `/dev/serial/by-path` of a PC, whether udev runs or not; nil where
    /// the controller is not a PCI device. Source: systemd, `60-serial.rules` and the built-in `path_id`.
    public var byPathName: String? {
        guard let portPath, controller.split(separator: ":").count == 3 else { return nil }
        let ports = portPath.ports.map(String.init).joined(separator: ".")
        let place = "pci-\(controller)-usb-0:\(ports):1.\(interface)"
        return tty.hasPrefix("ttyACM") ? place : "\(place)-port\(portNumber)"
    }

    private var controller: String { device.controller }
}
