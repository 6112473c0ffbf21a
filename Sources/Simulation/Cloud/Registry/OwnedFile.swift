import Glibc

/// An open file that is closed with its last owner. Used by one thread at a time.
final class OwnedFile: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Opens `path`; a file that `flags` create is its owner's alone.
    init(_ path: String, _ flags: Int32) throws {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PrivateFile.failure("open", path) }
    }

    deinit { close(descriptor) }

    /// Writes all of `bytes` at `offset`. Blocks.
    func write(_ bytes: [UInt8], at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw PrivateFile.failure("write", path) }
            done += count
        }
    }

    /// Cuts what a failed write left behind `length`.
    func truncate(to length: Int) { _ = ftruncate(descriptor, off_t(length)) }
}
