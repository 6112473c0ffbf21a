public import BoardProtocols
public import Provisioning

/// The flash partition that carries the product credential: NVS namespace `cred`, keys `product_key` and
/// `product_secret`, both strings. Firmware reads it and never writes it.
public enum CredentialPartition {
    /// Namespace and, by custom, name of the partition.
    public static let namespace = "cred"
    public static let productKeyEntry = "product_key"
    public static let productSecretEntry = "product_secret"
    /// The smallest size NVS allows: three pages.
    public static let defaultSize = 0x3000

    /// The region to flash.
    ///
    /// - Parameters:
    ///   - size: bytes of the partition, a multiple of 4096, at least 12,288.
    ///   - name: of the region; the other names are NVS's and at most 15 bytes long.
    ///   - keys: encrypts the entries with these 64 bytes (``NVSEncryption``), those of the firmware's `nvs_keys`.
    /// - Throws: `NVSError` where the size is wrong, a value does not fit or the keys cannot be used.
    public static func region(
        productKey: String, productSecret: Secret, offset: UInt32, size: Int = defaultSize, name: String = namespace,
        namespace: String = namespace, productKeyName: String = productKeyEntry,
        productSecretName: String = productSecretEntry, keys: Secret? = nil
    ) throws(NVSError) -> FlashRegion {
        var image = try NVSPartition.build(
            [
                NVSPartition.Namespace(
                    namespace,
                    [
                        (productKeyName, .string(productKey)), (productSecretName, .string(productSecret.revealed)),
                    ])
            ], size: size)
        if let keys { image = try NVSEncryption.encrypt(image, keys: keys) }
        return FlashRegion(name: name, offset: offset, image: image)
    }

    /// What a partition in flash holds, decrypted with `keys` where they are given; nil where either entry is missing.
    /// - Throws: `NVSError` where the partition is damaged, or encrypted with other keys.
    public static func read(
        _ bytes: [UInt8], keys: Secret? = nil
    ) throws(NVSError) -> (productKey: String, productSecret: Secret)? {
        var plain = bytes
        if let keys { plain = try NVSEncryption.decrypt(bytes, keys: keys) }
        let partition = try NVSPartition(parsing: plain)
        guard let key = partition.value(productKeyEntry, in: namespace)?.text,
            let secret = partition.value(productSecretEntry, in: namespace)?.text
        else { return nil }
        return (key, Secret(secret))
    }
}
