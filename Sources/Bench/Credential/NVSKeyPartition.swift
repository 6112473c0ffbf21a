public import BoardProtocols
public import Provisioning

/// The image of a firmware's `nvs_keys` partition: the two keys that encrypt its NVS, and a check value.
///
/// Layout of the 4096 bytes: the key for the data (32), the key for the tweak (32), the CRC-32 of both (little endian,
/// as everywhere in NVS), FFh to the end. Source: ESP-IDF "NVS Encryption", "NVS Key Partition"; the file that
/// `esp_idf_nvs_partition_gen generate-key` writes.
public enum NVSKeyPartition {
    /// Bytes of the image.
    public static let size = 4096

    /// The 64 bytes of keys in an image; a file of 64 bytes is taken as the keys alone.
    ///
    /// - Throws: `NVSError` `keys` for another length or equal halves, `keyCRC` for a damaged image.
    public static func keys(in image: [UInt8]) throws(NVSError) -> Secret {
        guard image.count == size || image.count == NVSEncryption.keySize else { throw .keys(bytes: image.count) }
        let keys = Array(image[..<NVSEncryption.keySize])
        guard keys.prefix(32) != keys.suffix(32) else { throw .keys(bytes: keys.count) }
        if image.count == size {
            let computed = CRC32.nvs(keys)
            let stored = LittleEndian.u32(image, at: NVSEncryption.keySize) ?? 0
            guard stored == computed else { throw .keyCRC }
        }
        return Secret(bytes: keys)
    }
}
