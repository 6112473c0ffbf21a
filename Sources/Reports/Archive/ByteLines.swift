import Foundation

/// Reads a file line by line, each with its end (`\n`) as it is; the last one may have none. Memory: one block and the
/// longest line.
struct ByteLines: ~Copyable {
    private static let block = 1 << 18

    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// - Throws: ``ArchiveError`` when the file cannot be opened.
    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        self.path = path
        guard descriptor >= 0 else { throw ArchiveError("cannot open \(path): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// The next line; nil at the end.
    mutating func next() throws -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            let end = buffer.withUnsafeBufferPointer { bytes -> Int? in
                guard searched < bytes.count, let base = bytes.baseAddress,
                    let found = memchr(base + searched, 0x0A, bytes.count - searched)
                else { return nil }
                return UnsafeRawPointer(found) - UnsafeRawPointer(base)
            }
            if let end {
                defer { start = end + 1 }
                return buffer[start...end]
            }
            searched = buffer.count
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return buffer[start...]
            }
            if start > 0 {
                buffer.removeFirst(start)
                searched -= start
                start = 0
            }
            try fill()
        }
    }

    private mutating func fill() throws {
        let old = buffer.count
        buffer += [UInt8](repeating: 0, count: Self.block)
        let descriptor = descriptor
        let count = buffer.withUnsafeMutableBytes { bytes in
            read(descriptor, bytes.baseAddress?.advanced(by: old), Self.block)
        }
        buffer.removeLast(Self.block - max(0, count))
        guard count >= 0 else { throw ArchiveError("cannot read \(path): \(String(cString: strerror(errno)))") }
        isAtEnd = count == 0
    }
}
