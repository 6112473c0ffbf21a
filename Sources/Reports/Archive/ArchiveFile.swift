import Crypto
import Foundation
import Provisioning

/// What a manifest says of one file of its archive.
struct ArchiveFile: Hashable, Sendable {
    /// 64 lower-case hexadecimal digits.
    let sha256: String
    /// Bytes.
    let size: Int64
    let lines: Int64

    var json: JSONValue { ["sha256": .string(sha256), "size": .int(size), "lines": .int(lines)] }

    init(sha256: String, size: Int64, lines: Int64) { (self.sha256, self.size, self.lines) = (sha256, size, lines) }

    /// Bytes or lines that no file of an archive reaches; a manifest that claims more is believed in nothing.
    private static let largest: Int64 = 1 << 50

    init?(_ json: JSONValue) {
        guard let sha256 = json["sha256"].string, Hex.bytes(sha256)?.count == 32, let size = json["size"].int,
            let lines = json["lines"].int, (0...Self.largest).contains(size), (0...Self.largest).contains(lines)
        else { return nil }
        self.init(sha256: sha256, size: size, lines: lines)
    }

    /// The mark of a line, its end included: the first four bytes of its SHA-256. Marks only find a place; what proves a file
    /// is its whole SHA-256.
    static func mark(_ line: some Collection<UInt8>) -> [UInt8] { Array(SHA256.hash(data: Array(line)).prefix(4)) }

    static let markSize = 4
    /// The file that holds the marks of all others, by name and line.
    static let marksName = "marks.bin"
}

/// Writes one file of an archive: buffered, hashed, its lines marked, synced when it is finished.
final class ArchiveFileWriter {
    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    private var hash = SHA256()
    private var size: Int64 = 0
    private var lines: Int64 = 0
    /// Where the marks of the lines go; nil = nowhere.
    private let marks: ArchiveFileWriter?

    /// - Parameter marked: whether its lines are marked in a file beside it, `path.marks`.
    init(_ path: String, marked: Bool = true) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        self.path = path
        guard descriptor >= 0 else { throw ArchiveError("cannot write \(path): \(String(cString: strerror(errno)))") }
        marks = marked ? try ArchiveFileWriter(path + ".marks", marked: false) : nil
    }

    deinit { close(descriptor) }

    /// Adds a line, which must not contain its end.
    func write(line: [UInt8]) throws { try write(whole: line + [0x0A]) }

    /// Adds text, line by line.
    func write(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
            try write(whole: Array(rest[..<end]))
            rest = rest[end...]
        }
    }

    /// Adds bytes without looking for lines.
    func write(bytes: [UInt8]) throws {
        buffer += bytes
        if buffer.count >= 1 << 18 { try flush() }
    }

    /// Adds a line with its end, if it has one.
    func write(whole line: [UInt8]) throws {
        lines += 1
        try marks?.write(bytes: ArchiveFile.mark(line))
        try write(bytes: line)
    }

    /// Everything is on disk when it returns.
    func finish() throws -> ArchiveFile {
        try flush()
        guard fsync(descriptor) == 0 else { throw failure("sync") }
        _ = try marks?.finish()
        return ArchiveFile(sha256: Hex.text(hash.finalize()), size: size, lines: lines)
    }

    private func flush() throws {
        hash.update(data: buffer)
        size += Int64(buffer.count)
        var sent = 0
        while sent < buffer.count {
            let count = buffer[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write") }
            sent += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func failure(_ what: String) -> ArchiveError {
        ArchiveError("cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
