/// The USB tree with its serial ports at one moment, read from sysfs alone: no udev, no libusb, no port opened.
///
/// Reading is a pure function of the sysfs folder. Devices that go away while it runs are left out.
public struct USBTopology: Hashable, Sendable {
    /// Every device, root hubs first, then by port path.
    public let devices: [USBDevice]
    /// Every serial port of a USB device, by port path, interface and port number.
    public let ports: [USBSerialPort]

    public init(devices: [USBDevice], ports: [USBSerialPort]) {
        self.devices = devices.sorted(by: Self.precedes)
        self.ports = ports.sorted(by: Self.precedes)
    }

    /// Reads the tree.
    public static func read(_ roots: PortRoots = .system) -> USBTopology {
        let reader = USBTreeReader(sys: roots.sys)
        return USBTopology(devices: reader.devices(), ports: reader.ports())
    }

    /// The device plugged in at `path`.
    public func device(at path: USBPortPath) -> USBDevice? { devices.first { $0.portPath == path } }

    /// The serial ports of the device plugged in at `path`.
    public func ports(at path: USBPortPath) -> [USBSerialPort] { ports.filter { $0.portPath == path } }

    /// The serial port with the kernel's name `tty`.
    public func port(named tty: String) -> USBSerialPort? { ports.first { $0.tty == tty } }

    /// Devices, hubs excepted, that have no serial port: boards in DFU, and everything else on the PC.
    public var bareDevices: [USBDevice] {
        let serial = Set(ports.map { Place($0.device) })
        return devices.filter { !$0.isHub && !serial.contains(Place($0)) }
    }

    /// Devices that may be boards: those with a serial port or a DFU interface.
    public var boards: [USBDevice] {
        let serial = Set(ports.map { Place($0.device) })
        return devices.filter { !$0.isHub && $0.portPath != nil && ($0.isDFU || serial.contains(Place($0))) }
    }

    /// The hubs from the device's own outwards to the root hub, as far as they are known.
    public func hubs(above device: USBDevice) -> [USBDevice] {
        var chain: [USBDevice] = []
        var place = device.portPath?.parent
        while let path = place {
            if let hub = self.device(at: path) { chain.append(hub) }
            place = path.parent
        }
        if device.portPath != nil, let root = devices.first(where: { $0.portPath == nil && $0.bus == device.bus }) {
            chain.append(root)
        }
        return chain
    }

    private struct Place: Hashable {
        let bus: Int
        let number: Int
        init(_ device: USBDevice) { (bus, number) = (device.bus, device.number) }
    }

    private static func precedes(_ left: USBDevice, _ right: USBDevice) -> Bool {
        switch (left.portPath, right.portPath) {
        case (nil, nil): left.bus < right.bus
        case (nil, _): true
        case (_, nil): false
        case (let left?, let right?): left < right
        }
    }

    private static func precedes(_ left: USBSerialPort, _ right: USBSerialPort) -> Bool {
        guard let leftPath = left.portPath, let rightPath = right.portPath, leftPath != rightPath else {
            return (left.interface, left.portNumber, left.tty) < (right.interface, right.portNumber, right.tty)
        }
        return leftPath < rightPath
    }
}
