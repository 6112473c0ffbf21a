import NIOCore

/// Watches a client's side of a TLS connection for its first request: a record of application data that is longer than
/// the end of a handshake can be.
struct TLSRecords {
    private var pending = ByteBuffer()
    /// Bytes of the record that have not come yet.
    private var rest = 0

    /// - Returns: whether such a record begins in these bytes.
    mutating func take(_ bytes: ByteBuffer) -> Bool {
        pending.writeImmutableBuffer(bytes)
        var isRequest = false
        while true {
            let skipped = min(rest, pending.readableBytes)
            pending.moveReaderIndex(forwardBy: skipped)
            rest -= skipped
            guard rest == 0,
                let header = pending.readMultipleIntegers(endianness: .big, as: (UInt8, UInt16, UInt16).self)
            else { break }
            rest = Int(header.2)
            if header.0 == 23, header.2 > 120 { isRequest = true }
        }
        pending.discardReadBytes()
        return isRequest
    }
}
