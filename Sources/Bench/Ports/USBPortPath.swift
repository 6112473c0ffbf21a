/// A place on the USB tree: the bus and the hub ports from the root to it, such as `1-2.3`.
///
/// It stays as long as nobody moves a cable, whatever is plugged in there. Source: Linux,
/// Documentation/ABI/testing/sysfs-bus-usb, device names `BUS-PORT[.PORT[.PORT…]]`.
public struct USBPortPath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The bus number, at least 1.
    public let bus: Int
    /// Hub ports from the root hub outwards; 1 to 7 of them, since hubs nest at most five deep.
    public let ports: [Int]

    /// Reads `1-2.3`; nil for anything else, leading zeros included.
    public init?(_ text: String) {
        guard let dash = text.firstIndex(of: "-"), let bus = Self.number(text[..<dash]) else { return nil }
        let parts = text[text.index(after: dash)...].split(separator: ".", omittingEmptySubsequences: false)
        let ports = parts.compactMap(Self.number)
        guard ports.count == parts.count, (1...7).contains(ports.count) else { return nil }
        self.bus = bus
        self.ports = ports
    }

    private init(bus: Int, ports: [Int]) { (self.bus, self.ports) = (bus, ports) }

    private static func number(_ text: Substring) -> Int? {
        guard let first = text.first, first != "0", text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text).flatMap { (1...255).contains($0) ? $0 : nil }
    }

    /// The hub this port belongs to; nil for a port of the root hub.
    public var parent: USBPortPath? {
        ports.count > 1 ? USBPortPath(bus: bus, ports: Array(ports.dropLast())) : nil
    }

    /// Whether this port is one of a hub plugged in at `other`, near or far.
    public func isBelow(_ other: USBPortPath) -> Bool {
        bus == other.bus && ports.count > other.ports.count && ports.starts(with: other.ports)
    }

    public static func < (left: USBPortPath, right: USBPortPath) -> Bool {
        left.bus != right.bus ? left.bus < right.bus : left.ports.lexicographicallyPrecedes(right.ports)
    }

    public var description: String { "\(bus)-\(ports.map(String.init).joined(separator: "."))" }
}
