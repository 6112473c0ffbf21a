import CZlib

/// An image compressed for FLASH_DEFL_DATA, cut into blocks.
struct Deflate {
    /// One block of compressed bytes and how many bytes of flash it brings with it.
    struct Block {
        var compressed: [UInt8]
        var uncompressedCount: Int
    }

    let blocks: [Block]
    /// Compressed bytes in all.
    let count: Int

    /// Compresses with zlib at level 9 and cuts into blocks of `blockSize` bytes.
    ///
    /// The blocks are inflated again to learn what each holds: the time a loader may take over a block depends on it.
    /// - Throws: ``LoaderError`` `protocolError` when zlib fails, which means no memory.
    init(_ image: [UInt8], blockSize: Int) throws(LoaderError) {
        var length = compressBound(uLong(image.count))
        var output = [UInt8](repeating: 0, count: Int(length))
        guard compress2(&output, &length, image, uLong(image.count), 9) == Z_OK else {
            throw LoaderError(.protocolError, "zlib could not compress \(image.count) bytes")
        }
        output.removeSubrange(Int(length)...)
        let counts = try Self.inflatedCounts(output, blockSize: blockSize, expected: image.count)
        blocks = counts.enumerated().map { index, count in
            let start = index * blockSize
            return Block(
                compressed: Array(output[start..<min(start + blockSize, output.count)]), uncompressedCount: count)
        }
        count = output.count
    }

    private static func inflatedCounts(
        _ bytes: [UInt8], blockSize: Int, expected: Int
    ) throws(LoaderError) -> [Int] {
        var stream = z_stream()
        guard inflateInit_(&stream, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw LoaderError(.protocolError, "zlib could not start")
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var window = [UInt8](repeating: 0, count: 1 << 16)
        var counts: [Int] = []
        input.withUnsafeMutableBufferPointer { input in
            for start in stride(from: 0, to: input.count, by: blockSize) {
                let before = stream.total_out
                stream.next_in = input.baseAddress.map { $0 + start }
                stream.avail_in = UInt32(min(blockSize, input.count - start))
                var result = Z_OK
                repeat {
                    window.withUnsafeMutableBufferPointer { window in
                        stream.next_out = window.baseAddress
                        stream.avail_out = UInt32(window.count)
                        result = inflate(&stream, Z_NO_FLUSH)
                    }
                } while result == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)
                counts.append(Int(stream.total_out - before))
            }
        }
        guard counts.reduce(0, +) == expected else {
            throw LoaderError(.protocolError, "zlib gave back \(counts.reduce(0, +)) of \(expected) bytes")
        }
        return counts
    }
}
