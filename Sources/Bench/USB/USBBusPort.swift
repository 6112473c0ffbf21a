/// A place in the topology of USB, as the kernel names it: `1-2.3` is bus 1, port 2, behind the hub there port 3.
///
/// It stays the same when the device there is unplugged, reset or exchanged; `usb1` is the root hub of bus 1.
public struct USBBusPort: Sendable, Hashable, CustomStringConvertible {
    public let bus: Int
    /// Port numbers from the root hub on; empty for the root hub itself.
    public let ports: [Int]

    /// - Throws: ``LinkError`` `address`.
    public init(_ text: String) throws(LinkError) {
        guard let path = USBBusPort(name: text) else {
            throw LinkError(.address, port: text, "expected a USB port path such as 1-2.3")
        }
        self = path
    }

    /// nil where the text is no port path.
    init?(name: String) {
        if name.hasPrefix("usb") {
            guard let bus = Self.number(name.dropFirst(3)) else { return nil }
            (self.bus, ports) = (bus, [])
            return
        }
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let bus = Self.number(parts[0]) else { return nil }
        var ports: [Int] = []
        for part in parts[1].split(separator: ".", omittingEmptySubsequences: false) {
            guard let port = Self.number(part) else { return nil }
            ports.append(port)
        }
        guard ports.count <= 7 else { return nil }
        (self.bus, self.ports) = (bus, ports)
    }

    private init(bus: Int, ports: [Int]) { (self.bus, self.ports) = (bus, ports) }

    /// The hub that holds this port and the port's number there; nil for a root hub.
    public var parent: (hub: USBBusPort, port: Int)? {
        ports.last.map { (USBBusPort(bus: bus, ports: ports.dropLast()), $0) }
    }

    public var description: String {
        ports.isEmpty ? "usb\(bus)" : "\(bus)-" + ports.map(String.init).joined(separator: ".")
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
            (1...255).contains(number)
        else { return nil }
        return number
    }
}
