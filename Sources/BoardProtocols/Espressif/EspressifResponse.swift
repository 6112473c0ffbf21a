/// One answer of a loader: `01 | op u8 | length u16 | value u32 | payload, status bytes`, little endian.
///
/// The status is 4 bytes long on the mask ROM of the ESP32 and later chips and 2 bytes on the ESP8266's ROM and on
/// every stub: byte 0 says 0 done or 1 refused, byte 1 the reason. Source: Espressif serial protocol,
/// "Response Packet" and "Status bytes".
public struct EspressifResponse: Equatable, Sendable {
    /// The operation this answers.
    public var operation: UInt8
    /// READ_REG's result; after SYNC 0 tells a stub from a ROM.
    public var value: UInt32
    /// Payload and status bytes together: where one ends depends on the command.
    public var data: [UInt8]

    /// An answer that says done.
    public init(_ operation: UInt8, value: UInt32 = 0, payload: [UInt8] = [], statusLength: Int) {
        self.operation = operation
        self.value = value
        data = payload + [UInt8](repeating: 0, count: statusLength)
    }

    /// An answer that refuses.
    public init(_ operation: UInt8, refusing reason: EspressifReason, statusLength: Int) {
        self.operation = operation
        value = 0
        data = [1, reason.rawValue] + [UInt8](repeating: 0, count: max(0, statusLength - 2))
    }

    /// Parses the body of a frame; bytes beyond the stated length are ignored.
    public init(parsing body: [UInt8]) throws(EspressifFormatError) {
        guard let length = LittleEndian.u16(body, at: 2), let value = LittleEndian.u32(body, at: 4) else {
            throw .short(expected: 8, received: body.count)
        }
        guard body[0] == 1 else { throw .direction(expected: 1, received: body[0]) }
        guard body.count >= 8 + Int(length) else { throw .short(expected: 8 + Int(length), received: body.count) }
        operation = body[1]
        self.value = value
        data = Array(body[8..<8 + Int(length)])
    }

    /// The unescaped bytes of the frame.
    public var body: [UInt8] {
        [1, operation] + LittleEndian.bytes(UInt16(truncatingIfNeeded: data.count)) + LittleEndian.bytes(value) + data
    }

    /// The bytes for the wire.
    public var frame: [UInt8] { SLIP.encode(body) }

    /// The payload of `length` bytes, where the status after it says done.
    ///
    /// A refusal comes without payload, so an answer shorter than payload and status is read as status alone.
    /// - Throws: `refused` with the loader's reason, `short` where even the status is missing.
    public func payload(length: Int) throws(EspressifFormatError) -> [UInt8] {
        if data.count >= length + 2 {
            guard data[length] == 0 else { throw .refused(EspressifReason(rawValue: data[length + 1])) }
            return Array(data[0..<length])
        }
        guard data.count >= 2, data[0] != 0 else { throw .short(expected: length + 2, received: data.count) }
        throw .refused(EspressifReason(rawValue: data[1]))
    }
}
