import Glibc

/// What is behind a port address at one moment, so that a later look tells whether it is still the same.
///
/// It identifies the enumeration, not the board: two boards of one model give equal stamps apart from the device number.
/// Whoever sees a change must read the board's identity again.
public struct PortStamp: Hashable, Sendable {
    /// The address as it is written.
    public let address: String
    /// The kernel's name, such as `ttyUSB0`, a pty's path, or nil where the device has no serial port (DFU) and for TCP.
    public let tty: String?
    public let portPath: USBPortPath?
    /// The bus, and the device's number on it; nil off the USB tree.
    public let bus: Int?
    public let deviceNumber: Int?
    /// The device number (st_rdev) of the node.
    public let node: UInt64?

    /// How a port stands against an earlier stamp.
    public enum Change: String, Sendable {
        /// The same enumeration of the same device.
        case same
        /// The same place and name, enumerated anew: it was reset, or unplugged and plugged in.
        case reenumerated
        /// The same place, enumerated anew under another name.
        case renamed
        /// Nothing is there.
        case gone
        /// Another place or another device node than before: the address no longer means what it did.
        case other
    }

    /// What is behind `address` now; nil where nothing is there. No port is opened; a TCP endpoint is not asked.
    public static func stamp(of address: PortAddress) -> PortStamp? {
        let reader = USBTreeReader(sys: address.roots.sys)
        if case .tcp = address.kind { return PortStamp(address, tty: nil, device: nil, node: nil) }
        guard let path = try? address.devicePath() else {
            // A board in DFU mode has a place but no serial port.
            guard case .usb(let text, _) = address.kind, let place = USBPortPath(text),
                let device = reader.device(at: place), !device.isHub, reader.ports(at: place).isEmpty
            else { return nil }
            return PortStamp(address, tty: nil, device: device, node: nil)
        }
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        // In the kernel's folder names a node is found by its name; a link leads to it.
        let tty = reader.port(named: FileText.last(path)) == nil ? FileText.resolved(path) ?? path : path
        let name = FileText.last(tty)
        let port = reader.port(named: name)
        return PortStamp(address, tty: port == nil ? tty : name, device: port?.device, node: UInt64(status.st_rdev))
    }

    private init(_ address: PortAddress, tty: String?, device: USBDevice?, node: UInt64?) {
        self.address = address.description
        self.tty = tty
        portPath = device?.portPath
        bus = device?.bus
        deviceNumber = device?.number
        self.node = node
    }

    /// How the port stands now, `now` being a later stamp of the same address.
    public func change(to now: PortStamp?) -> Change {
        guard let now else { return .gone }
        guard now.address == address, now.portPath == portPath else { return .other }
        if portPath == nil { return now.tty == tty && now.node == node ? .same : .other }
        if now.tty != tty { return .renamed }
        guard now.bus == bus, now.deviceNumber == deviceNumber else { return .reenumerated }
        return now.node == node ? .same : .other
    }
}
