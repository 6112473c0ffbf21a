import CZlib
import Locking

/// Unpacks one zlib stream piece by piece, as the loader receives it in blocks.
final class Inflater: Sendable {
    /// The stream's bytes are not zlib data.
    struct Corrupt: Error {}

    /// Touched only while ``end``'s lock is held.
    private nonisolated(unsafe) let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let usable: Bool
    /// True once the stream's own end was seen.
    private let end = Locked(false)

    init() {
        stream.initialize(to: z_stream())
        usable = inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Takes the next packed bytes and hands out what they unpack to, in pieces; `body` returns false to stop.
    func push(_ packed: [UInt8], _ body: ([UInt8]) -> Bool) throws(Corrupt) {
        guard usable, end.withLock({ finished in inflate(packed, &finished, body) }) else { throw Corrupt() }
    }

    /// False for bytes that are no zlib data, and for any behind the stream's end.
    private func inflate(_ packed: [UInt8], _ finished: inout Bool, _ body: ([UInt8]) -> Bool) -> Bool {
        guard !finished else { return false }
        var packed = packed
        var corrupt = false
        packed.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            while true {
                var result = Z_OK
                let piece = [UInt8](unsafeUninitializedCapacity: 1 << 15) { output, count in
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = 1 << 15
                    result = CZlib.inflate(stream, Z_NO_FLUSH)
                    count = (1 << 15) - Int(stream.pointee.avail_out)
                }
                finished = result == Z_STREAM_END
                corrupt = result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR
                if corrupt || !piece.isEmpty && !body(piece) { break }
                if finished || piece.count < 1 << 15 { break }
            }
        }
        return !corrupt
    }
}
