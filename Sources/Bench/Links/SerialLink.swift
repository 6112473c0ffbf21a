import Glibc

/// A serial port of this machine: any rate the driver takes, opened exclusively, left without a hang-up.
///
/// Exclusive means `flock` and TIOCEXCL together: the superuser passes TIOCEXCL, and a program that does not lock is
/// kept out by it. HUPCL is cleared so that closing the port does not drop DTR and RTS, which would reset the board.
public final class SerialLink: BoardLink {
    public let port: String
    public private(set) var baud: Int
    public private(set) var supportsModemLines: Bool
    /// The parity asked for; see ``warning`` for whether the driver sets it.
    public private(set) var parity: SerialParity
    /// What about the port is not as asked for and yet no error: a pty drops the parity bit and carries whole bytes.
    public private(set) var warning: String?
    private let device: String
    private var descriptor: Int32

    private static let getLines: UInt = 0x5415
    private static let setLinesRequest: UInt = 0x5418
    private static let exclusive: UInt = 0x540C
    private static let flush: UInt = 0x540B
    private static let dtrBit: Int32 = 0x002
    private static let rtsBit: Int32 = 0x004

    /// Opens `path` raw at `baud`. `name` stands for the port in errors, in place of the path.
    /// - Throws: ``LinkError`` `absent`, `busy`, `permission`, `notATerminal`, `baud`, `lost`, `system`.
    public init(path: String, baud: Int, name: String? = nil, parity: SerialParity = .none) throws(LinkError) {
        port = name ?? path
        device = path
        self.baud = baud
        self.parity = parity
        supportsModemLines = false
        descriptor = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.openFailure(errno, port) }
        do {
            try prepare(baud: baud)
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    private func prepare(baud: Int) throws(LinkError) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw LinkError(
                .busy, port: port, "another process holds the port: close the other program, or check for two stations",
                errno: errno)
        }
        guard var settings = TerminalSettings(of: descriptor) else {
            let code = errno
            guard code == ENOTTY || code == EINVAL else { throw DescriptorIO.failure(code, port, "TCGETS2") }
            throw LinkError(.notATerminal, port: port, "is no terminal: expected a serial port or a pty", errno: code)
        }
        _ = ioctl(descriptor, Self.exclusive, 0 as Int32)
        settings.makeRaw(parity: parity)
        settings.setBaud(baud)
        try apply(settings, baud: baud)
        supportsModemLines = try readLines() != nil
        try discardInput()
    }

    public func read(upTo limit: Int, deadline: ContinuousClock.Instant) throws(LinkError) -> [UInt8] {
        try stream.read(upTo: limit, deadline: deadline)
    }

    public func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(LinkError) {
        try stream.write(bytes, deadline: deadline, socket: false)
    }

    public func setBaud(_ baud: Int) throws(LinkError) {
        guard var settings = TerminalSettings(of: descriptor) else {
            throw DescriptorIO.failure(errno, port, "TCGETS2")
        }
        settings.setBaud(baud)
        try apply(settings, baud: baud)
    }

    public func setParity(_ parity: SerialParity) throws(LinkError) {
        guard parity != self.parity else { return }
        guard var settings = TerminalSettings(of: descriptor) else {
            throw DescriptorIO.failure(errno, port, "TCGETS2")
        }
        self.parity = parity
        settings.makeRaw(parity: parity)
        settings.setBaud(baud)
        try apply(settings, baud: baud)
    }

    public func discardInput() throws(LinkError) {
        guard ioctl(descriptor, Self.flush, 0 as Int32) == 0 else { throw DescriptorIO.failure(errno, port, "TCFLSH") }
    }

    public func setLines(dtr: Bool, rts: Bool) throws(LinkError) {
        guard supportsModemLines, var lines = try readLines() else { return }
        lines = lines & ~(Self.dtrBit | Self.rtsBit) | (dtr ? Self.dtrBit : 0) | (rts ? Self.rtsBit : 0)
        guard ioctl(descriptor, Self.setLinesRequest, &lines) == 0 else {
            throw DescriptorIO.failure(errno, port, "TIOCMSET")
        }
    }

    public func close() {
        guard descriptor >= 0 else { return }
        _ = Glibc.close(descriptor)
        descriptor = -1
    }

    public var isAlive: Bool { descriptor >= 0 && !stream.isHungUp && access(device, F_OK) == 0 }

    private var stream: DescriptorIO { DescriptorIO(descriptor: descriptor, port: port) }

    /// The modem lines, or nil where the port has none (ENOTTY, EINVAL); any other error is one.
    private func readLines() throws(LinkError) -> Int32? {
        var lines: Int32 = 0
        if ioctl(descriptor, Self.getLines, &lines) == 0 { return lines }
        guard errno == ENOTTY || errno == EINVAL else { throw DescriptorIO.failure(errno, port, "TIOCMGET") }
        return nil
    }

    /// Applies settings and reads back what must hold: the rate within 3 %, and raw bytes; the parity is only
    /// noted.
    private func apply(_ settings: TerminalSettings, baud: Int) throws(LinkError) {
        guard settings.apply(to: descriptor) else {
            let code = errno
            guard code == EINVAL else { throw DescriptorIO.failure(code, port, "TCSETS2") }
            throw LinkError(.baud, port: port, "the driver refuses \(baud) baud", errno: code)
        }
        guard let actual = TerminalSettings(of: descriptor) else {
            throw DescriptorIO.failure(errno, port, "TCGETS2")
        }
        guard abs(actual.outputBaud - baud) * 100 <= baud * 3 else {
            throw LinkError(.baud, port: port, "asked for \(baud) baud, the driver set \(actual.outputBaud)")
        }
        guard actual.isRaw else {
            throw LinkError(.system, port: port, "the driver keeps changing bytes: raw mode did not take effect")
        }
        if parity == .even, !actual.hasEvenParity {
            warning =
                "\(port) sends no parity bit although even parity was asked for: fine on a pty, else check the driver"
        }
        self.baud = baud
    }

    private static func openFailure(_ code: Int32, _ port: String) -> LinkError {
        switch code {
        case ENOENT, ENODEV, ENXIO, EIO:
            LinkError(.absent, port: port, "is not there: check cable and power of the adapter", errno: code)
        case EACCES, EPERM:
            LinkError(
                .permission, port: port,
                "may not be opened by this account: add it to the group of the port "
                    + "(usually dialout)", errno: code)
        case EBUSY: LinkError(.busy, port: port, "another process holds the port", errno: code)
        default: LinkError(.system, port: port, "open failed: \(DescriptorIO.text(code))", errno: code)
        }
    }
}
