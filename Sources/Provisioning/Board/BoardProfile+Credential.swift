extension BoardProfile {
    /// Where and how the board finds the product credential.
    public enum Credential: Hashable, Sendable {
        /// In a region of its own.
        case region(CredentialRegion)
        /// Patched into one of the release's images.
        case marker(MarkerPlace)
        /// Handed to the running firmware by commands, and read back.
        case commands(CredentialCommands)
    }

    /// The region in which the board finds the product credential.
    public struct CredentialRegion: Hashable, Sendable {
        /// How the credential is laid out.
        public enum Format: String, Sendable, CaseIterable {
            /// An NVS partition of ESP-IDF with two string entries.
            case nvs
            /// Lines `key=value` behind a header with length and check value.
            case keyValue = "key-value"
        }

        public let name: String
        public let offset: Int
        public let size: Int
        public let sector: Int
        public let format: Format
        /// The NVS namespace of both entries, at most 15 bytes; empty for other formats.
        public let namespace: String
        /// The key of the ProductKey, for NVS at most 15 bytes.
        public let productKeyName: String
        /// The key of the ProductSecret, for NVS at most 15 bytes.
        public let productSecretName: String
        /// For NVS: whether the partition is encrypted with the keys that are sealed as `nvs-keys/PROFILE`.
        public let isEncrypted: Bool

        public init(
            name: String, offset: Int, size: Int, sector: Int = Flash.sectorSize, format: Format, namespace: String,
            productKeyName: String, productSecretName: String, isEncrypted: Bool = false
        ) {
            (self.name, self.offset, self.size, self.sector) = (name, offset, size, sector)
            (self.format, self.namespace) = (format, namespace)
            (self.productKeyName, self.productSecretName) = (productKeyName, productSecretName)
            self.isEncrypted = isEncrypted
        }
    }

    /// A place in an image that is kept free for the credential.
    public struct MarkerPlace: Hashable, Sendable {
        /// The region whose image holds the marker.
        public let region: String
        /// The text that must stand in the image exactly once; the credential takes the place behind it.
        public let marker: String
        /// Bytes kept free behind the marker.
        public let capacity: Int

        public init(region: String, marker: String, capacity: Int) {
            (self.region, self.marker, self.capacity) = (region, marker, capacity)
        }
    }

    /// Commands by which the running firmware takes the credential.
    public enum CredentialCommands: Hashable, Sendable {
        /// AT+SYSMFG of ESP-AT: two strings in a namespace, and under `tagName` the unit tag beside them.
        case manufacturing(namespace: String, productKeyName: String, productSecretName: String, tagName: String? = nil)
        /// AT commands with `{product_key}` and `{product_secret}`; `readBack` must answer with a line in which `proof`
        /// captures the SHA-256 over the ProductSecret's bytes, in hexadecimal digits.
        case template(lines: [String], readBack: String, proof: ConsolePattern)
        /// Settings over SMP, and under `tagName` the unit tag beside them.
        case settings(productKeyName: String, productSecretName: String, tagName: String? = nil)

        /// The name under which the running firmware keeps the unit tag; nil = it keeps none.
        public var tagName: String? {
            switch self {
            case .manufacturing(_, _, _, let name), .settings(_, _, let name): name
            case .template: nil
            }
        }
    }
}
