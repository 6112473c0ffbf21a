/// A port or a USB device that came, went, or got other permissions.
public struct PortChange: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        case appeared
        case disappeared
        case permissionsChanged
    }

    public let kind: Kind
    /// The node or link: `/dev/ttyUSB0`, `/dev/serial/by-path/…`, or `/dev/bus/usb/001/005` of a device without a serial
    /// port.
    public let path: String
    /// Where it is on the USB tree; nil where sysfs does not say.
    public let portPath: USBPortPath?

    public init(_ kind: Kind, path: String, portPath: USBPortPath?) {
        self.kind = kind
        self.path = path
        self.portPath = portPath
    }

    public var description: String {
        "\(path) \(kind.rawValue)" + (portPath.map { " at USB port \($0)" } ?? "")
    }
}
