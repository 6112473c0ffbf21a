import BoardProtocols
public import Provisioning

/// A flash region that carries the product credential as text: for firmware without NVS.
///
/// Layout, numbers little-endian:
/// ```
/// 0   4  magic "CRED"
/// 4   2  version, 1
/// 6   2  length of this header, 16
/// 8   4  length of the text in bytes
/// 12  4  CRC-32 (zlib's crc32) of bytes 0 to 11 and the text
/// 16  n  text: product_key=…\nproduct_secret=…\n (UTF-8)
///        FFh up to the region's size
/// ```
/// Firmware reads it and never writes it. Errors and descriptions never hold the values.
public enum KeyValueRegion {
    public static let magic = Array("CRED".utf8)
    public static let version: UInt16 = 1
    /// Bytes before the text.
    public static let headerLength = 16

    /// The region to flash.
    ///
    /// - Parameters:
    ///   - size: bytes of the region; the flash's sector size is a good choice.
    ///   - sector: the flash's, where the region lies.
    ///   - productKeyName: may not be empty nor hold `=` or a line break; so may `productSecretName`.
    /// - Throws: ``CredentialImageError`` where names or values cannot be written or do not fit.
    public static func region(
        productKey: String, productSecret: Secret, offset: UInt32, size: Int, sector: UInt32 = FlashPlan.sector,
        name: String = CredentialPartition.namespace, productKeyName: String = CredentialPartition.productKeyEntry,
        productSecretName: String = CredentialPartition.productSecretEntry
    ) throws(CredentialImageError) -> FlashRegion {
        var text: [UInt8] = []
        for (name, value) in [
            (productKeyName, Array(productKey.utf8)), (productSecretName, productSecret.withBytes { $0 }),
        ] {
            guard !name.isEmpty, !name.contains("="), !name.contains(where: \.isNewline), !name.utf8.contains(0) else {
                throw CredentialImageError(
                    .value, "the name \"\(name)\" cannot be used: expected text without = and line breaks")
            }
            guard !value.isEmpty, !value.contains(where: { $0 < 0x20 }) else {
                throw CredentialImageError(
                    .value, "the value of \(name) is empty or holds control characters: enter it again")
            }
            text += Array(name.utf8) + [0x3D] + value + [0x0A]
        }
        guard productKeyName != productSecretName else {
            throw CredentialImageError(.value, "both values are named \(productKeyName): expected two names")
        }
        guard headerLength + text.count <= size else {
            throw CredentialImageError(
                .size, "the credential needs \(headerLength + text.count) bytes, the region has \(size): make it larger"
            )
        }
        let start = magic + LittleEndian.bytes(version) + LittleEndian.bytes(UInt16(headerLength))
        let head = start + LittleEndian.bytes(UInt32(text.count))
        let image = head + LittleEndian.bytes(CRC32.checksum(head + text)) + text
        return FlashRegion(
            name: name, offset: offset, image: image + [UInt8](repeating: 0xFF, count: size - image.count),
            sector: sector)
    }

    /// What a region in flash holds.
    /// - Throws: ``CredentialImageError`` `absent` where there is no header, `damaged`, or `value` where a name is
    ///   missing.
    public static func read(
        _ bytes: [UInt8], productKeyName: String = CredentialPartition.productKeyEntry,
        productSecretName: String = CredentialPartition.productSecretEntry
    ) throws(CredentialImageError) -> (productKey: String, productSecret: Secret) {
        guard bytes.starts(with: magic) else {
            throw CredentialImageError(.absent, "the region holds no credential: expected the bytes CRED at its start")
        }
        guard let version = LittleEndian.u16(bytes, at: 4), version == Self.version,
            let header = LittleEndian.u16(bytes, at: 6), Int(header) == headerLength
        else { throw CredentialImageError(.damaged, "the credential's header is not that of version 1") }
        guard let length = LittleEndian.u32(bytes, at: 8), let expected = LittleEndian.u32(bytes, at: 12),
            Int(length) <= bytes.count - headerLength
        else { throw CredentialImageError(.damaged, "the credential's text reaches beyond the region") }
        let text = bytes[headerLength..<headerLength + Int(length)]
        guard CRC32.checksum(Array(bytes[..<12]) + text) == expected else {
            throw CredentialImageError(.damaged, "the credential's CRC-32 does not fit: write the region again")
        }
        func value(_ name: String) throws(CredentialImageError) -> [UInt8] {
            for line in text.split(separator: 0x0A) where line.starts(with: Array("\(name)=".utf8)) {
                return Array(line.dropFirst(name.utf8.count + 1))
            }
            throw CredentialImageError(.value, "the credential has no line \(name)=")
        }
        return (
            String(decoding: try value(productKeyName), as: UTF8.self), Secret(bytes: try value(productSecretName))
        )
    }
}
