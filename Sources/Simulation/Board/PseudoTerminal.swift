import Glibc

/// The board's side of a pseudo terminal: clients open the link as they would open a serial port.
///
/// A spare descriptor of the client's side stays open, so that the master does not report a hang-up between two
/// clients and the rate a client set is kept. Used on one thread.
final class PseudoTerminal {
    /// The path clients open.
    let link: String
    let master: OwnedDescriptor
    private let spare: OwnedDescriptor

    /// Makes the terminal, raw and at 115200 baud, and then the link to it; an older link of that name is replaced.
    /// - Throws: ``BoardError`` with code `port`.
    init(link: String) throws(BoardError) {
        self.link = link
        var number: Int32 = -1
        var slave: Int32 = -1
        var path = [CChar](repeating: 0, count: 128)
        guard openpty(&number, &slave, &path, nil, nil) == 0 else {
            throw .system(.port, "opening a pseudo terminal", errno)
        }
        master = OwnedDescriptor(number)
        spare = OwnedDescriptor(slave)
        master.setNonBlocking()
        master.setCloseOnExec()
        spare.setCloseOnExec()
        var settings = termios()
        tcgetattr(slave, &settings)
        cfmakeraw(&settings)
        cfsetspeed(&settings, speed_t(B115200))
        guard tcsetattr(slave, TCSANOW, &settings) == 0 else { throw .system(.port, "setting up the terminal", errno) }
        try Self.place(link: link, to: path)
    }

    private static func place(link: String, to path: [CChar]) throws(BoardError) {
        var old = [CChar](repeating: 0, count: 16)
        if readlink(link, &old, old.count) < 0, errno == EINVAL {
            throw BoardError(.port, "\(link) exists and is not a symbolic link; remove it or choose another name")
        }
        let temporary = "\(link).\(getpid()).new"
        unlink(temporary)
        guard symlink(path, temporary) == 0, rename(temporary, link) == 0 else {
            let number = errno
            unlink(temporary)
            throw .system(.port, "making the link \(link)", number)
        }
    }

    /// The rate the client set, in baud, as the kernel keeps it (TCGETS2); nil where it cannot be asked.
    var clientBaud: Int? {
        // struct termios2: four flag words, the line discipline, 19 control characters, input and output speed.
        var settings = [UInt32](repeating: 0, count: 11)
        guard ioctl(master.number, 0x802C_542A, &settings) == 0 else { return nil }
        return Int(settings[10])
    }

    /// Takes the link away; the client's descriptor hangs up when the last reference to this terminal goes.
    func removeLink() { unlink(link) }
}
