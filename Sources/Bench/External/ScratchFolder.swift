import Foundation
import Glibc

/// A folder of mode 0700 that holds an image while an external program reads it. An image may hold the product
/// credential: its file has mode 0600, and the folder is removed with all that is in it.
public struct ScratchFolder {
    let path: String
    private static let prefix = "station-flash-"

    /// Makes the folder under `parent`, which is the system's temporary folder where nil.
    /// - Throws: ``ToolError`` `start`.
    init(in parent: String? = nil) throws(ToolError) {
        let parent = parent ?? FileManager.default.temporaryDirectory.path
        var template = Array("\(parent)/\(Self.prefix)XXXXXX".utf8CString)
        guard let name = mkdtemp(&template) else {
            throw ToolError(
                .start, "no folder can be made under \(parent) (\(DescriptorIO.text(errno))): check space and rights")
        }
        path = String(cString: name)
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
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Removes what a station that was killed has left under `parent`. At start only: a run's own folder would go too.
    public static func removeLeftovers(in parent: String? = nil) {
        let parent = parent ?? FileManager.default.temporaryDirectory.path
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
        }
    }

    private static func failure(_ file: String) -> ToolError {
        ToolError(.start, "\(file) cannot be written (\(DescriptorIO.text(errno))): check the free space")
    }
}
