/// Little-endian numbers in byte arrays, the order in which Espressif's loader, images and NVS pages store them.
public enum LittleEndian {
    /// The 16-bit number at `offset`, or nil where the bytes end before it does.
    public static func u16(_ bytes: some RandomAccessCollection<UInt8>, at offset: Int) -> UInt16? {
        number(bytes, at: offset, width: 2).map { UInt16(truncatingIfNeeded: $0) }
    }

    /// The 32-bit number at `offset`, or nil where the bytes end before it does.
    public static func u32(_ bytes: some RandomAccessCollection<UInt8>, at offset: Int) -> UInt32? {
        number(bytes, at: offset, width: 4).map { UInt32(truncatingIfNeeded: $0) }
    }

    /// The 64-bit number at `offset`, or nil where the bytes end before it does.
    public static func u64(_ bytes: some RandomAccessCollection<UInt8>, at offset: Int) -> UInt64? {
        number(bytes, at: offset, width: 8)
    }

    /// The bytes of `value`, lowest first: as many as its type has.
    public static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    /// The words one after the other.
    public static func bytes(words: [UInt32]) -> [UInt8] { words.flatMap { bytes($0) } }

    private static func number(
        _ bytes: some RandomAccessCollection<UInt8>, at offset: Int, width: Int
    ) -> UInt64? {
        guard offset >= 0, offset + width <= bytes.count else { return nil }
        let start = bytes.index(bytes.startIndex, offsetBy: offset)
        var value: UInt64 = 0
        for step in 0..<width {
            value |= UInt64(bytes[bytes.index(start, offsetBy: step)]) << UInt64(8 * step)
        }
        return value
    }
}
