public import BoardProtocols
import COpenSSL
public import Provisioning

/// Encryption of an NVS partition: AES-256-XTS over each written 32-byte entry on its own, the entry's byte offset in
/// the partition as the tweak (little endian); page headers and state bitmaps stay plain.
///
/// The keys are those of the firmware's `nvs_keys` partition: 32 bytes that encrypt the data, then 32 that encrypt the
/// tweak. Source: ESP-IDF "NVS Encryption"; bytes as `esp-idf-nvs-partition-gen` 0.3 writes them.
public enum NVSEncryption {
    /// Bytes of both keys together.
    public static let keySize = 64

    /// Encrypts a partition as ``BoardProtocols/NVSPartition/build(_:size:)`` makes it.
    ///
    /// - Parameters:
    ///   - partition: whole pages of 4096 bytes, from the partition's start.
    ///   - keys: 64 bytes, the two halves different.
    /// - Throws: `NVSError` `size`, `keys`, `cipher`.
    public static func encrypt(_ partition: [UInt8], keys: Secret) throws(NVSError) -> [UInt8] {
        try transform(partition, keys, encrypts: true)
    }

    /// Undoes ``encrypt(_:keys:)``. Wrong keys are not noticed here: reading the result fails on an entry's CRC.
    ///
    /// - Throws: `NVSError` `size`, `keys`, `cipher`.
    public static func decrypt(_ partition: [UInt8], keys: Secret) throws(NVSError) -> [UInt8] {
        try transform(partition, keys, encrypts: false)
    }

    private static let pageSize = 4096
    private static let entrySize = 32
    /// Header and bitmap come first.
    private static let firstEntry = 64

    /// The offsets of all entries that were ever written, by the bitmaps: two bits an entry, both set where it is
    /// empty.
    private static func writtenEntries(_ partition: [UInt8]) -> [Int] {
        var offsets: [Int] = []
        for page in stride(from: 0, to: partition.count, by: pageSize) {
            for index in 0..<(pageSize - firstEntry) / entrySize {
                let states = partition[page + 32 + index / 4]
                let state = states >> UInt8(index % 4 * 2) & 3
                if state != 3 { offsets.append(page + firstEntry + index * entrySize) }
            }
        }
        return offsets
    }

    private static func transform(
        _ partition: [UInt8], _ keys: Secret, encrypts: Bool
    ) throws(NVSError) -> [UInt8] {
        guard partition.count % pageSize == 0 else { throw .size(partition.count) }
        guard keys.count == keySize, keys.withBytes({ $0.prefix(32) != $0.suffix(32) }) else {
            throw .keys(bytes: keys.count)
        }
        var result = partition
        let direction: Int32 = encrypts ? 1 : 0
        guard let context = EVP_CIPHER_CTX_new() else { throw .cipher }
        defer { EVP_CIPHER_CTX_free(context) }
        guard keys.withBytes({ EVP_CipherInit_ex2(context, EVP_aes_256_xts(), $0, nil, direction, nil) }) == 1 else {
            ERR_clear_error()
            throw .cipher
        }
        for offset in writtenEntries(partition) {
            let tweak = LittleEndian.bytes(UInt64(offset)) + [UInt8](repeating: 0, count: 8)
            let entry = Array(partition[offset..<offset + entrySize])
            var output = [UInt8](repeating: 0, count: entrySize)
            var length: Int32 = 0
            guard EVP_CipherInit_ex2(context, nil, nil, tweak, direction, nil) == 1,
                EVP_CipherUpdate(context, &output, &length, entry, Int32(entrySize)) == 1, length == entrySize
            else {
                ERR_clear_error()
                throw .cipher
            }
            result.replaceSubrange(offset..<offset + entrySize, with: output)
        }
        return result
    }
}
