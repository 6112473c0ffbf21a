import NIOCore

/// Reads the fields of one packet's body in order; a missing byte is an error, since the body is known to be whole.
struct PacketReader {
    var buffer: ByteBuffer

    var isAtEnd: Bool { buffer.readableBytes == 0 }

    func end() throws(WireError) {
        guard isAtEnd else { throw WireError(.trailingBytes, "\(buffer.readableBytes) bytes behind the last field") }
    }

    mutating func byte() throws(WireError) -> UInt8 {
        guard let value: UInt8 = buffer.readInteger() else { throw Self.truncated }
        return value
    }

    mutating func integer() throws(WireError) -> UInt16 {
        guard let value: UInt16 = buffer.readInteger() else { throw Self.truncated }
        return value
    }

    /// A packet identifier, which is never 0 [MQTT-2.3.1-1].
    mutating func identifier() throws(WireError) -> UInt16 {
        let id = try integer()
        guard id != 0 else { throw WireError(.badIdentifier, "packet identifier 0, expected 1 to 65535") }
        return id
    }

    /// Two bytes of length, then as many bytes.
    mutating func block() throws(WireError) -> ByteBuffer {
        let length = try integer()
        guard let slice = buffer.readSlice(length: Int(length)) else { throw Self.truncated }
        return slice
    }

    /// UTF-8 with its length in front: well-formed [MQTT-1.5.3-1], without U+0000 [MQTT-1.5.3-2]; a leading byte order
    /// mark is kept [MQTT-1.5.3-3].
    mutating func string() throws(WireError) -> String {
        let raw = try block()
        guard let text = String(validating: raw.readableBytesView, as: UTF8.self) else {
            throw WireError(.badString, "a string that is not UTF-8 [MQTT-1.5.3-1]")
        }
        guard !text.utf8.contains(0) else { throw WireError(.badString, "a string with U+0000 [MQTT-1.5.3-2]") }
        return text
    }

    mutating func filter() throws(WireError) -> String {
        let filter = try string()
        guard Topic.isFilter(filter) else {
            throw WireError(.badTopic, "an empty filter or misplaced wildcards [MQTT-4.7.1-2, -3]")
        }
        return filter
    }

    mutating func rest() -> [UInt8] { buffer.readBytes(length: buffer.readableBytes) ?? [] }

    mutating func restAsBuffer() -> ByteBuffer { buffer.readSlice(length: buffer.readableBytes) ?? ByteBuffer() }

    private static let truncated = WireError(.truncated, "the packet ends inside a field")
}
