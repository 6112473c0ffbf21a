import Foundation
import Glibc

/// A pty pair whose master end plays the board. The slave is opened by the code under test, by its path.
final class PseudoTerminal: @unchecked Sendable {  // The descriptor is set in init and closed once, under `lock`.
    let path: String
    private let lock = NSLock()
    private var master: Int32

    init() throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard master >= 0 else { throw POSIXError(.ENOENT) }
        var unlocked: Int32 = 0
        var number: Int32 = 0
        // TIOCSPTLCK and TIOCGPTN of Linux.
        guard ioctl(master, 0x4004_5431, &unlocked) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
            throw POSIXError(.EIO)
        }
        path = "/dev/pts/\(number)"
    }

    deinit { hangUp() }

    var descriptor: Int32 { lock.withLock { master } }

    /// The rate that the other end has set, as the kernel shows it on the master.
    var baud: Int {
        var settings = [UInt8](repeating: 0, count: 44)
        _ = settings.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { ioctl(descriptor, 0x802C_542A, $0) } ?? -1
        }
        return settings.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: 40, as: UInt32.self)) }
    }

    /// Control flags of the line.
    var controlFlags: UInt32 {
        var settings = [UInt8](repeating: 0, count: 44)
        _ = settings.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { ioctl(descriptor, 0x802C_542A, $0) } ?? -1
        }
        return settings.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self) }
    }

    func send(_ bytes: [UInt8]) { _ = Glibc.write(descriptor, bytes, bytes.count) }

    /// Blocks for at least one byte; nil once the pty is gone.
    func receive() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&request, 1, 100)
            guard descriptor >= 0 else { return nil }
            // Without POLLIN the slave is merely closed for now.
            guard ready > 0, request.revents & Int16(POLLIN) != 0 else {
                usleep(1000)
                continue
            }
            let count = read(descriptor, &bytes, bytes.count)
            if count > 0 { return Array(bytes[..<count]) }
            if count == 0 || errno != EAGAIN { return nil }
        }
    }

    func hangUp() {
        lock.withLock {
            if master >= 0 { _ = close(master) }
            master = -1
        }
    }
}
