import Glibc

/// The time for which an FTDI bridge gathers bytes before it sends them: 16 ms unless told otherwise.
///
/// At 16 ms every answer of a loader comes late: a second a MiB with large blocks, sixteen with the ROM's. The file
/// `latency_timer` (Linux, drivers/usb/serial/ftdi_sio.c) takes 1 to 255 ms and may be written by root, or by the port's
/// group where the station's udev rules are installed. The setting is lost when the bridge enumerates anew.
public struct LatencyTimer: Sendable {
    public let roots: PortRoots

    /// What was found and done.
    public enum Outcome: Hashable, Sendable, CustomStringConvertible {
        /// The port has no such timer: no FTDI bridge, no USB port, or TCP.
        case none
        /// It was short enough.
        case kept(milliseconds: Int)
        case set(from: Int, to: Int)
        /// It is too long and this account could not change it; why.
        case refused(milliseconds: Int, reason: String)

        public var description: String {
            switch self {
            case .none: "the port has no latency timer"
            case .kept(let milliseconds): "the latency timer is \(milliseconds) ms"
            case .set(let from, let to): "the latency timer was \(from) ms and is now \(to) ms"
            case .refused(let milliseconds, let reason):
                "the latency timer stays at \(milliseconds) ms (\(reason)), expected 1 ms: "
                    + "install the station's udev rules, so that flashing gets faster"
            }
        }
    }

    public init(roots: PortRoots = .system) { self.roots = roots }

    /// The file of the port `tty`, whether it is there or not.
    public func file(of tty: String) -> String { "\(roots.sys)/bus/usb-serial/devices/\(tty)/latency_timer" }

    /// Milliseconds; nil where the port has no such timer.
    public func milliseconds(of tty: String) -> Int? { FileText.integer(file(of: tty)) }

    /// Sets the timer of the port `tty` (the kernel's name) to `wanted` ms, 1 to 255, where it is longer.
    public func shorten(_ tty: String, to wanted: Int = 1) -> Outcome {
        guard let before = milliseconds(of: tty) else { return .none }
        guard before > wanted else { return .kept(milliseconds: before) }
        let code = write(wanted, to: file(of: tty))
        let after = milliseconds(of: tty) ?? before
        if after <= wanted { return .set(from: before, to: after) }
        let reason = code == 0 ? "the driver did not take \(wanted) ms" : DescriptorIO.text(code)
        return .refused(milliseconds: after, reason: reason)
    }

    /// The same for the port behind an address.
    public func shorten(_ address: PortAddress, to wanted: Int = 1) -> Outcome {
        guard let device = try? address.devicePath() else { return .none }
        return shorten(FileText.last(FileText.resolved(device) ?? device), to: wanted)
    }

    /// The error number, 0 for none.
    private func write(_ milliseconds: Int, to file: String) -> Int32 {
        let descriptor = open(file, O_WRONLY | O_CLOEXEC | O_TRUNC)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let text = Array("\(milliseconds)\n".utf8)
        return Glibc.write(descriptor, text, text.count) == text.count ? 0 : errno
    }
}
