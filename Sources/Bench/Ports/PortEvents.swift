import Glibc

/// The inotify descriptor of one port watch: tells which nodes below the folder of device nodes were touched.
///
/// Used on one thread. Watches the folder itself and, as soon as they are there, `serial` and `serial/by-path` in it.
final class PortEvents {
    /// What one reading gave.
    struct Reading {
        /// Paths that were made, removed, renamed or got other permissions.
        var paths: Set<String> = []
        /// Whether events were lost or a folder came: everything must be looked at.
        var needsScan = false
    }

    let descriptor: Int32
    private let roots: PortRoots
    private var folders: [Int32: String] = [:]

    // IN_ATTRIB, IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE, IN_Q_OVERFLOW, IN_IGNORED, IN_ISDIR (linux/inotify.h).
    private static let attributes: UInt32 = 0x4
    private static let movedFrom: UInt32 = 0x40
    private static let movedTo: UInt32 = 0x80
    private static let created: UInt32 = 0x100
    private static let deleted: UInt32 = 0x200
    private static let overflow: UInt32 = 0x4000
    private static let ignored: UInt32 = 0x8000
    private static let isFolder: UInt32 = 0x4000_0000
    /// udev makes its links under another name and renames them: hence the moves.
    private static let wanted = attributes | movedFrom | movedTo | created | deleted

    /// Nil where the system gives no inotify descriptor; the scan once a second is then all there is.
    init?(roots: PortRoots) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        self.roots = roots
        watchFolders()
    }

    func close() { _ = Glibc.close(descriptor) }

    /// Adds the watches that are missing. True if there were any to add.
    @discardableResult
    private func watchFolders() -> Bool {
        var isNew = false
        for folder in [roots.dev, "\(roots.dev)/serial", roots.byPathFolder] where !folders.values.contains(folder) {
            let watch = inotify_add_watch(descriptor, folder, Self.wanted)
            guard watch >= 0 else { continue }
            folders[watch] = folder
            isNew = true
        }
        return isNew
    }

    /// Takes all events at hand.
    func read() -> Reading {
        var reading = Reading()
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            buffer[..<count].withUnsafeBytes { take($0, into: &reading) }
        }
        if watchFolders() { reading.needsScan = true }
        return reading
    }

    /// `struct inotify_event`: wd, mask, cookie, length, each of four bytes, and a name filled up with zeros.
    private func take(_ bytes: UnsafeRawBufferPointer, into reading: inout Reading) {
        var offset = 0
        while offset + 16 <= bytes.count {
            let watch = bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
            let mask = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            let name = bytes[(offset + 16)..<(offset + 16 + length)].prefix { $0 != 0 }
            offset += 16 + length
            note(watch, mask, String(decoding: name, as: UTF8.self), into: &reading)
        }
    }

    private func note(_ watch: Int32, _ mask: UInt32, _ name: String, into reading: inout Reading) {
        if mask & Self.overflow != 0 { reading.needsScan = true }
        guard let folder = folders[watch] else { return }
        if mask & Self.ignored != 0 {
            folders[watch] = nil
            reading.needsScan = true
        }
        guard !name.isEmpty, mask & Self.isFolder == 0 else { return }
        let isPort = folder == roots.byPathFolder ? !name.hasPrefix(".") : PortInventory.isPort(name)
        if isPort { reading.paths.insert("\(folder)/\(name)") }
    }
}
