/// The CRC-32 of NVS pages: reflected polynomial EDB88320h, register preset to 0, inverted at the end.
///
/// It equals zlib's `crc32(0xFFFFFFFF, …)`. Source: ESP-IDF NVS page, "Structure of page" and "Structure of entry".
public enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    /// The check value of `bytes`. Complexity: O(n), a table lookup a byte.
    public static func nvs(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32(0)) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
    }
}
