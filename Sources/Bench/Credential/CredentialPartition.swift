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
    /// - Throws: `NVSError` where the size is wrong or a value does not fit.
    public static func region(
        productKey: String, productSecret: Secret, offset: UInt32, size: Int = defaultSize, name: String = namespace,
        namespace: String = namespace, productKeyName: String = productKeyEntry,
        productSecretName: String = productSecretEntry
    ) throws(NVSError) -> FlashRegion {
        let image = try NVSPartition.build(
            [
                NVSPartition.Namespace(
                    namespace,
                    [
                        (productKeyName, .string(productKey)), (productSecretName, .string(productSecret.revealed)),
                    ])
            ], size: size)
        return FlashRegion(name: name, offset: offset, image: image)
    }

    /// What a partition in flash holds; nil where either entry is missing.
    /// - Throws: `NVSError` where the partition is damaged.
    public static func read(_ bytes: [UInt8]) throws(NVSError) -> (productKey: String, productSecret: Secret)? {
        let partition = try NVSPartition(parsing: bytes)
        guard let key = partition.value(productKeyEntry, in: namespace)?.text,
            let secret = partition.value(productSecretEntry, in: namespace)?.text
        else { return nil }
        return (key, Secret(secret))
    }
}
