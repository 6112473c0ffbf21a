import Foundation
import Glibc

/// A folder of mode 0700 that holds an image while an external program reads it. An image may hold the product
/// credential: its file has mode 0600, and the folder is removed with all that is in it. It is locked (`flock`) as long
/// as its process uses it, so that what a killed process left can be told from what another one works with.
public struct ScratchFolder {
    let path: String
    private let lock: Int32
    private static let prefix = "station-flash-"

    /// Makes the folder under `parent`, which is the usual place where nil.
    /// - Throws: ``ToolError`` `start`.
    init(in parent: String? = nil) throws(ToolError) {
        let parent = parent ?? Self.usualParent
        var template = Array("\(parent)/\(Self.prefix)XXXXXX".utf8CString)
        guard let name = mkdtemp(&template) else {
            throw ToolError(
                .start, "no folder can be made under \(parent) (\(DescriptorIO.text(errno))): check space and rights")
        }
        path = String(cString: name)
        guard let lock = Self.locked(path) else {
            throw ToolError(.start, "\(path) cannot be locked (\(DescriptorIO.text(errno)))")
        }
        self.lock = lock
    }

    /// A descriptor that holds the lock of the folder at `path`; nil where another one holds it.
    private static func locked(_ path: String) -> Int32? {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
        _ = close(descriptor)
        return nil
    }

    /// Writes a new file of mode 0600.
    /// - Throws: ``ToolError`` `start`.
    func write(_ bytes: [UInt8], name: String) throws(ToolError) -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(file) }
        defer { _ = close(descriptor) }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent)
            }
            guard count > 0 || errno == EINTR else { throw Self.failure(file) }
            sent += max(count, 0)
        }
        return file
    }

    /// Removes the folder and what is in it.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
        _ = close(lock)
    }

    /// Where folders are made: in memory where the machine has a folder for that, as images hold the ProductSecret.
    static var usualParent: String {
        access("/dev/shm", W_OK) == 0 ? "/dev/shm" : FileManager.default.temporaryDirectory.path
    }

    /// Removes what a station that was killed has left under `parent`, which is the usual place where nil. Folders that
    /// another process uses stay.
    public static func removeLeftovers(in parent: String? = nil) {
        let parent = parent ?? usualParent
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            let path = "\(parent)/\(name)"
            guard let lock = locked(path) else { continue }
            try? FileManager.default.removeItem(atPath: path)
            _ = close(lock)
        }
    }

    private static func failure(_ file: String) -> ToolError {
        ToolError(.start, "\(file) cannot be written (\(DescriptorIO.text(errno))): check the free space")
    }
}
