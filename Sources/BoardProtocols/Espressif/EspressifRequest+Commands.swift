extension EspressifRequest {
    /// SYNC: the pattern the ROM measures the baud rate on.
    public static let sync = EspressifRequest(
        .sync, data: [0x07, 0x07, 0x12, 0x20] + [UInt8](repeating: 0x55, count: 32))

    public static func readRegister(_ address: UInt32) -> Self { Self(.readRegister, words: [address]) }

    /// WRITE_REG; `mask` selects the bits that change, `delay` is in microseconds.
    public static func writeRegister(
        _ address: UInt32, _ value: UInt32, mask: UInt32 = .max, delay: UInt32 = 0
    ) -> Self {
        Self(.writeRegister, words: [address, value, mask, delay])
    }

    /// SPI_ATTACH with the default pins. The ROM wants a second word (legacy flag), the stub one word only.
    public static func spiAttach(stub: Bool) -> Self { Self(.spiAttach, words: stub ? [0] : [0, 0]) }

    /// SPI_SET_PARAMS: flash of `size` bytes with the usual block, sector and page sizes.
    public static func spiSetParameters(size: UInt32) -> Self {
        Self(.spiSetParameters, words: [0, size, 65536, 4096, 256, 0xFFFF])
    }

    /// CHANGE_BAUDRATE: `current` is 0 for the ROM and the real present rate for the stub.
    public static func changeBaud(to new: UInt32, current: UInt32) -> Self { Self(.changeBaud, words: [new, current]) }

    public static func memoryBegin(size: UInt32, blocks: UInt32, blockSize: UInt32, address: UInt32) -> Self {
        Self(.memoryBegin, words: [size, blocks, blockSize, address])
    }

    public static func memoryData(sequence: UInt32, _ payload: [UInt8]) -> Self {
        block(.memoryData, sequence: sequence, payload)
    }

    /// MEM_END: runs the code at `entry`.
    public static func memoryEnd(entry: UInt32) -> Self { Self(.memoryEnd, words: [0, entry]) }

    /// FLASH_BEGIN or FLASH_DEFL_BEGIN. `size` is the number of bytes to erase (plain) or the uncompressed size
    /// (deflate; the ROM wants it rounded up to whole blocks). `extended` adds the word "not encrypted".
    public static func flashBegin(
        deflate: Bool, size: UInt32, blocks: UInt32, blockSize: UInt32, offset: UInt32, extended: Bool
    ) -> Self {
        Self(
            deflate ? .flashDeflateBegin : .flashBegin,
            words: [size, blocks, blockSize, offset] + (extended ? [0] : []))
    }

    public static func flashData(deflate: Bool, sequence: UInt32, _ payload: [UInt8]) -> Self {
        block(deflate ? .flashDeflateData : .flashData, sequence: sequence, payload)
    }

    /// FLASH_END or FLASH_DEFL_END; `stay` keeps the loader running.
    public static func flashEnd(deflate: Bool, stay: Bool) -> Self {
        Self(deflate ? .flashDeflateEnd : .flashEnd, words: [stay ? 1 : 0])
    }

    public static func flashMD5(address: UInt32, size: UInt32) -> Self {
        Self(.spiFlashMD5, words: [address, size, 0, 0])
    }

    /// READ_FLASH of the stub: `packet` bytes a frame, at most `window` frames ahead of the acknowledgement.
    public static func readFlash(offset: UInt32, length: UInt32, packet: UInt32, window: UInt32) -> Self {
        Self(.readFlash, words: [offset, length, packet, window])
    }

    /// READ_FLASH_SLOW of the ROM: at most 64 bytes.
    public static func readFlashSlow(offset: UInt32, length: UInt32) -> Self {
        Self(.readFlashSlow, words: [offset, length])
    }

    private static func block(_ command: EspressifCommand, sequence: UInt32, _ payload: [UInt8]) -> Self {
        Self(
            command, data: LittleEndian.bytes(words: [UInt32(payload.count), sequence, 0, 0]) + payload,
            checksum: blockChecksum(payload))
    }
}
