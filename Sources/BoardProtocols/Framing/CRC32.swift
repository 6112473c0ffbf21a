/// CRC-32 with the reflected polynomial EDB88320h, inverted at the end, in its two presets.
public enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    /// The usual one, zlib's `crc32`: the register is preset to FFFFFFFFh. Complexity: O(n).
    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
    }

    /// That of NVS pages: the register is preset to 0, which equals zlib's `crc32(0xFFFFFFFF, …)`.
    /// Source: ESP-IDF NVS page, "Structure of page" and "Structure of entry". Complexity: O(n), a table lookup a byte.
    public static func nvs(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32(0)) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
    }
}
