/// What GET_SECURITY_INFO answers: 12 bytes on the ESP32-S2, 20 bytes (with the chip's id) on later chips.
///
/// Source: Espressif serial protocol, "Get Security Info".
public struct EspressifSecurityInfo: Equatable, Sendable {
    /// Bit 0 secure boot, bit 2 secure download mode, bits 6 and 7 JTAG off.
    public var flags: UInt32
    public var flashCryptCount: UInt8
    /// Seven purposes, one a key block.
    public var keyPurposes: [UInt8]
    /// 5 for the ESP32-C3; nil where the ROM does not state it.
    public var chipID: UInt32?
    public var ecoVersion: UInt32?

    public init(
        flags: UInt32 = 0, flashCryptCount: UInt8 = 0, keyPurposes: [UInt8] = [UInt8](repeating: 0, count: 7),
        chipID: UInt32? = nil, ecoVersion: UInt32? = nil
    ) {
        self.flags = flags
        self.flashCryptCount = flashCryptCount
        self.keyPurposes = keyPurposes
        self.chipID = chipID
        self.ecoVersion = ecoVersion
    }

    /// Parses 12 or 20 bytes; nil for fewer.
    public init?(parsing bytes: [UInt8]) {
        guard let flags = LittleEndian.u32(bytes, at: 0), bytes.count >= 12 else { return nil }
        self.init(
            flags: flags, flashCryptCount: bytes[4], keyPurposes: Array(bytes[5..<12]),
            chipID: LittleEndian.u32(bytes, at: 12), ecoVersion: LittleEndian.u32(bytes, at: 16))
    }

    /// The bytes as the ROM sends them, before the status.
    public var bytes: [UInt8] {
        LittleEndian.bytes(flags) + [flashCryptCount] + keyPurposes.prefix(7)
            + (chipID.map { LittleEndian.bytes($0) + LittleEndian.bytes(ecoVersion ?? 0) } ?? [])
    }

    public var secureBoot: Bool { flags & 1 != 0 }
    /// Only a few commands work then; registers cannot be read, so the board cannot be identified.
    public var secureDownload: Bool { flags & 4 != 0 }
    /// An odd number of set bits means flash encryption is on.
    public var flashEncryption: Bool { flashCryptCount.nonzeroBitCount % 2 == 1 }
}
