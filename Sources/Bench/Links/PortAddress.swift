import Glibc

/// Where a slot's board is reached: a place on the USB tree (`usb:1-2.3`), a device path (best one under
/// `/dev/serial/by-path`, or a pty), or `socket://HOST:PORT`.
///
/// A place on the USB tree is looked up in sysfs each time: the kernel's name of the port (`ttyUSB0`) may be another after
/// every reset.
public struct PortAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        case path(String)
        case tcp(host: String, port: Int)
        /// A USB port path such as `1-2.3`, and the interface where the device there has several serial ports.
        case usb(path: String, interface: Int?)
    }

    public let kind: Kind
    /// Where devices are looked up.
    public let roots: PortRoots

    /// Reads an absolute path, `by-path:NAME` (short for `/dev/serial/by-path/NAME`), `usb:1-2.3`, `usb:1-2.3:1.0` with
    /// an interface, `socket://host:port` or `socket://[v6 address]:port`.
    ///
    /// Names that change, such as `/dev/ttyUSB0`, are taken here; ``isLasting`` tells them.
    /// - Throws: ``LinkError`` `address`.
    public init(_ text: String, roots: PortRoots = .system) throws(LinkError) {
        self.roots = roots
        if text.hasPrefix("socket://") {
            kind = try Self.socket(text)
        } else if text.hasPrefix("usb:") {
            kind = try Self.usb(text)
        } else if text.hasPrefix("by-path:") {
            let name = String(text.dropFirst("by-path:".count))
            guard !name.isEmpty, !name.contains("/") else {
                throw Self.refuse(text, "expected by-path:NAME with a name of /dev/serial/by-path")
            }
            kind = .path("\(roots.byPathFolder)/\(name)")
        } else {
            guard text.hasPrefix("/"), text.count > 1 else {
                throw Self.refuse(
                    text, "expected usb:BUS-PORT such as usb:1-2.3, an absolute path or socket://HOST:PORT")
            }
            kind = .path(text)
        }
    }

    private static func socket(_ text: String) throws(LinkError) -> Kind {
        let rest = text.dropFirst("socket://".count)
        guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
            (1...65535).contains(port)
        else { throw refuse(text, "expected socket://HOST:PORT with a port from 1 to 65535") }
        var host = rest[..<colon]
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains("/") else { throw refuse(text, "expected a host name or address") }
        return .tcp(host: String(host), port: port)
    }

    private static func usb(_ text: String) throws(LinkError) -> Kind {
        let sentence =
            "expected usb:BUS-PORT such as usb:1-2.3, or usb:1-2.3:1.0 with configuration 1 and the interface"
        let parts = text.dropFirst("usb:".count).split(separator: ":", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let path = USBPortPath(String(first)) else {
            throw refuse(text, sentence)
        }
        guard parts.count == 2 else { return .usb(path: path.description, interface: nil) }
        guard parts[1].hasPrefix("1."), let number = Int(parts[1].dropFirst(2)), (0...255).contains(number),
            parts[1] == "1.\(number)"
        else { throw refuse(text, sentence) }
        return .usb(path: path.description, interface: number)
    }

    private static func refuse(_ text: String, _ sentence: String) -> LinkError {
        LinkError(.address, port: text, sentence)
    }

    public var description: String {
        switch kind {
        case .path(let path): path
        case .tcp(let host, let port): "socket://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .usb(let path, let interface): "usb:\(path)" + (interface.map { ":1.\($0)" } ?? "")
        }
    }

    /// Whether the address means a place: false for the kernel's own names of USB ports, which change as boards come
    /// and go (`/dev/ttyUSB0`, `/dev/ttyACM0`, and links of `/dev/serial/by-id`, which follow the device).
    public var isLasting: Bool {
        guard case .path(let path) = kind else { return true }
        return !["ttyUSB", "ttyACM", "serial/by-id/"].contains { path.hasPrefix("\(roots.dev)/\($0)") }
    }

    /// Opens the port. Blocks up to `timeout` for a TCP connection, and up to two seconds for the permissions of a
    /// device node that is that new.
    /// - Parameter parity: of a serial port; a serial server keeps its own.
    /// - Throws: ``LinkError``; for a place on the USB tree it names that place.
    public func open(
        baud: Int, timeout: Duration = .seconds(3), parity: SerialParity = .none
    ) throws(LinkError) -> any BoardLink {
        if case .tcp(let host, let port) = kind {
            return try SocketLink(host: host, tcpPort: port, baud: baud, deadline: ContinuousClock.now + timeout)
        }
        while true {
            let device = try devicePath() ?? ""
            do throws(LinkError) {
                return try openSerial(device, baud: baud, parity: parity)
            } catch {
                // udev gives the group its rights a moment after the kernel made the node.
                guard error.code == .permission, Self.isNew(device) else { throw error }
            }
            try DescriptorIO.pause(.milliseconds(50), port: description)
        }
    }

    private func openSerial(_ device: String, baud: Int, parity: SerialParity) throws(LinkError) -> SerialLink {
        let link = try SerialLink(path: device, baud: baud, name: linkName(device), parity: parity)
        // Between looking up and opening, another board may have got the name.
        if link.isAlive, try devicePath() == device { return link }
        link.close()
        throw LinkError(.lost, port: description, "the port went away or changed its name while it was opened")
    }

    /// Whether the port is there, told without opening a serial port (opening may reset a board): its device node
    /// exists, or a TCP connection is accepted within a second and closed again. Blocks that long at most.
    public func isPresent() -> Bool {
        guard case .tcp(let host, let port) = kind else {
            guard let device = try? devicePath() else { return false }
            return FileText.exists(device)
        }
        let deadline = ContinuousClock.now + .seconds(1)
        guard let link = try? SocketLink(host: host, tcpPort: port, baud: 115_200, deadline: deadline) else {
            return false
        }
        link.close()
        return true
    }

    /// How the link calls itself in errors: a place on the USB tree with today's name of the port beside it.
    private func linkName(_ device: String) -> String {
        guard case .usb = kind else { return device }
        return "\(description) (\(device))"
    }

    /// Whether the node was made or changed less than two seconds ago.
    private static func isNew(_ device: String) -> Bool {
        var status = stat()
        var now = timespec()
        guard stat(device, &status) == 0, clock_gettime(CLOCK_REALTIME, &now) == 0 else { return false }
        return (0..<2).contains(now.tv_sec - status.st_ctim.tv_sec)
    }
}
