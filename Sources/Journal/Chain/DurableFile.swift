import CutPoint
import Foundation
import Glibc

/// Whole-file replacement that a power loss cannot tear: temporary file, fsync, rename, fsync of the folder.
public enum DurableFile {
    /// - Throws: ``JournalError`` with `folder`, naming the call that failed.
    public static func replace(_ path: String, with bytes: [UInt8]) throws {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open", temporary) }
        defer { close(descriptor) }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure("write", temporary) }
            sent += count
        }
        guard fsync(descriptor) == 0 else { throw failure("fsync", temporary) }
        let name = (path as NSString).lastPathComponent
        CutPoint.reach("file.\(name).before")
        guard rename(temporary, path) == 0 else { throw failure("rename", path) }
        CutPoint.reach("file.\(name).after")
        try sync((path as NSString).deletingLastPathComponent)
    }

    /// The whole of a file; nil where there is none.
    /// - Throws: ``JournalError`` with `folder` where it is there, or may be, and cannot be read.
    static func read(_ path: String) throws -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &block, block.count)
            guard count >= 0 else { throw failure("read", path) }
            guard count > 0 else { return bytes }
            bytes += block[..<count]
        }
    }

    /// What was written to a file, or which files a folder has, is on disk when it returns.
    /// - Throws: ``JournalError`` with `folder`.
    public static func sync(_ path: String) throws {
        let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
    }

    /// Makes sure of the name that `part` was just given by a rename. Where that cannot be, the name is taken back, so that
    /// asking again begins anew.
    /// - Throws: ``JournalError`` with `folder`.
    static func settle(_ path: String, from part: String) throws {
        do { try sync((path as NSString).deletingLastPathComponent) } catch {
            rename(path, part)
            throw error
        }
    }

    private static func failure(_ call: String, _ path: String) -> JournalError {
        JournalError(.folder, "\(call) \(path): \(String(cString: strerror(errno)))")
    }
}
