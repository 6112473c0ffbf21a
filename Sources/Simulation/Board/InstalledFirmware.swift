import BoardProtocols
import Provisioning

/// What the application finds when it starts: everything comes out of the flash as it was really written.
struct InstalledFirmware: Sendable {
    /// NVS keys by which the firmware finds the product credential, in whatever namespace of partition `cred`.
    static let productKeyKey = "product_key"
    static let productSecretKey = "product_secret"

    /// The product credential, ready to be used.
    struct Credential: Sendable {
        var productKey: String
        var productSecret: Secret
    }

    /// From the application descriptor.
    let version: String
    /// Reads the product credential as it stands in flash at that moment.
    let readCredential: @Sendable () -> Result<Credential, Missing>
    /// Whether the firmware does nothing without a product credential; else it waits for one.
    let needsCredential: Bool
    /// Where the firmware keeps its own credential, by a ``CredentialStore``.
    let nvs: PartitionTable.Partition?

    init(version: String, table: PartitionTable, flash: FlashChip) {
        self.init(version: version, nvs: table["nvs"]) {
            Result { () throws(Missing) in try Self.credential(table, flash) }
        }
    }

    /// - Parameter nvs: nil where the board has no place for it.
    init(
        version: String, nvs: PartitionTable.Partition?, needsCredential: Bool = true,
        readCredential: @escaping @Sendable () -> Result<Credential, Missing>
    ) {
        (self.version, self.nvs, self.needsCredential) = (version, nvs, needsCredential)
        self.readCredential = readCredential
    }

    /// Why there is no credential, in the firmware's words.
    struct Missing: Error, Equatable { var text: String }

    private static func credential(_ table: PartitionTable, _ flash: FlashChip) throws(Missing) -> Credential {
        guard let place = table["cred"] else { throw Missing(text: "no partition cred") }
        let contents: NVSPartition
        do {
            contents = try NVSPartition(parsing: flash.read(place.offset, place.size))
        } catch {
            throw Missing(text: "partition cred is corrupt")
        }
        func text(_ key: String) throws(Missing) -> String {
            guard let text = contents.entries.last(where: { $0.key == key })?.value.text, !text.isEmpty else {
                throw Missing(text: "no \(key) in partition cred")
            }
            return text
        }
        return Credential(productKey: try text(productKeyKey), productSecret: Secret(try text(productSecretKey)))
    }
}
