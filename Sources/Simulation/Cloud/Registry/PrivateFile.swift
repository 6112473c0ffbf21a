import Foundation
import Glibc

/// Files that appear whole or not at all, readable by their owner alone unless told otherwise.
enum PrivateFile {
    /// Writes `bytes` beside `path` and renames them into place. Blocks; call it off the cooperative pool.
    static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o600) throws {
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        do {
            defer { close(descriptor) }
            var offset = 0
            while offset < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, bytes.count - offset)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure("write", temporary) }
                offset += count
            }
            guard rename(temporary, path) == 0 else { throw failure("rename to", path) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Makes the folder that is to hold `path`, for its owner alone, where it does not exist.
    static func makeFolder(for path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// What went wrong with a file, from `errno`.
    static func failure(_ what: String, _ path: String) -> CloudStandInError {
        CloudStandInError(
            code: .file,
            sentence: "cannot \(what) \(path): \(String(cString: strerror(errno))); check folder, rights and disk")
    }
}
