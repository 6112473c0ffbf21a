import Glibc

/// Small files and links of sysfs and procfs, read without an error for what is not there: devices come and go while
/// they are looked at.
enum FileText {
    /// Longest text taken; sysfs attributes have at most one page (Linux, Documentation/filesystems/sysfs.rst).
    static let longest = 64 * 1024

    /// The file's text without white space around it; nil where it cannot be read or is no UTF-8.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while bytes.count < longest {
            let count = Glibc.read(descriptor, &piece, piece.count)
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += piece[..<count]
        }
        return String(validating: bytes, as: UTF8.self).map(trimmed)
    }

    static func integer(_ path: String) -> Int? { read(path).flatMap { Int($0) } }

    /// Four hexadecimal digits, such as a vendor's number.
    static func hex(_ path: String) -> UInt16? { read(path).flatMap { UInt16($0, radix: 16) } }

    /// Names in a folder, sorted, without those that begin with a dot; none where it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The path with every link followed; nil where something on the way is missing.
    static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The last part of a path.
    static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The path without its last part; empty at the root.
    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace || $0 == "\0" }
        var rest = text[...]
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }
}
