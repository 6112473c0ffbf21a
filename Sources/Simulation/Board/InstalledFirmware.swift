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
    let credential: Credential?
    /// Why there is no credential, in the firmware's words.
    let credentialProblem: String
    /// Where the firmware keeps its own credential, by a ``CredentialStore``.
    let nvs: PartitionTable.Partition?

    init(version: String, table: PartitionTable, flash: FlashChip) {
        self.version = version
        nvs = table["nvs"]
        do {
            credential = try Self.credential(table, flash)
            credentialProblem = ""
        } catch {
            credential = nil
            credentialProblem = error.text
        }
    }

    private struct Missing: Error { var text: String }

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
