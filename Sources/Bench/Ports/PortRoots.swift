/// Where the kernel shows devices: the roots that everything about ports is read from.
///
/// Tests give folders of their own; the station uses ``system``.
public struct PortRoots: Hashable, Sendable {
    /// Where sysfs is mounted, without a slash at the end.
    public var sys: String
    /// The folder of the device nodes, without a slash at the end.
    public var dev: String

    public init(sys: String = "/sys", dev: String = "/dev") {
        self.sys = sys
        self.dev = dev
    }

    /// `/sys` and `/dev`.
    public static let system = PortRoots()

    /// The folder of the links that udev makes, one for each place.
    var byPathFolder: String { "\(dev)/serial/by-path" }
}
