/// One request to a loader: `00 | op u8 | length u16 | check u32 | data`, little endian.
///
/// Both sides use it: the flasher builds requests, the simulated board parses them.
/// Source: Espressif serial protocol, "Command Packet".
public struct EspressifRequest: Equatable, Sendable {
    /// The operation byte, also where it is none of ``EspressifCommand``.
    public var operation: UInt8
    /// Everything after the header.
    public var data: [UInt8]
    /// XOR check value of the block in ``data``; 0 for commands without a block.
    public var checksum: UInt32

    public init(_ command: EspressifCommand, data: [UInt8] = [], checksum: UInt32 = 0) {
        self.operation = command.rawValue
        self.data = data
        self.checksum = checksum
    }

    /// A request whose data are 32-bit words.
    public init(_ command: EspressifCommand, words: [UInt32]) {
        self.init(command, data: LittleEndian.bytes(words: words))
    }

    /// Parses the body of a frame. Bytes beyond the stated length are ignored, as the ROM does.
    public init(parsing body: [UInt8]) throws(EspressifFormatError) {
        guard let length = LittleEndian.u16(body, at: 2), let checksum = LittleEndian.u32(body, at: 4) else {
            throw .short(expected: 8, received: body.count)
        }
        guard body[0] == 0 else { throw .direction(expected: 0, received: body[0]) }
        guard body.count >= 8 + Int(length) else { throw .short(expected: 8 + Int(length), received: body.count) }
        operation = body[1]
        data = Array(body[8..<8 + Int(length)])
        self.checksum = checksum
    }

    /// The command, or nil for an operation byte nobody knows.
    public var command: EspressifCommand? { EspressifCommand(rawValue: operation) }

    /// The unescaped bytes of the frame. Data must stay under 65,536 bytes.
    public var body: [UInt8] {
        [0, operation] + LittleEndian.bytes(UInt16(truncatingIfNeeded: data.count)) + LittleEndian.bytes(checksum)
            + data
    }

    /// The bytes for the wire.
    public var frame: [UInt8] { SLIP.encode(body) }

    /// The 32-bit word at position `index` of the data, or nil where there is none.
    public func word(_ index: Int) -> UInt32? { LittleEndian.u32(data, at: index * 4) }

    /// The block in a MEM_DATA, FLASH_DATA or FLASH_DEFL_DATA request, or nil where the data are too short for the
    /// length they state.
    public var block: Block? {
        guard let length = word(0), let sequence = word(1), data.count >= 16, data.count - 16 >= Int(length) else {
            return nil
        }
        return Block(sequence: sequence, payload: Array(data[16..<16 + Int(length)]))
    }

    /// A block of a transfer: its number, starting at 0, and its bytes.
    public struct Block: Equatable, Sendable {
        public var sequence: UInt32
        public var payload: [UInt8]
        public init(sequence: UInt32, payload: [UInt8]) {
            self.sequence = sequence
            self.payload = payload
        }
    }

    /// The check value of a block: all bytes XORed, seeded with EFh; the 16-byte block header is not part of it.
    public static func blockChecksum(_ payload: some Sequence<UInt8>) -> UInt32 {
        UInt32(payload.reduce(UInt8(0xEF)) { $0 ^ $1 })
    }
}
