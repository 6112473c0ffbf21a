/// The name a secret is sealed as: `product/PRODUCTKEY` for a ProductSecret, `access-key/ID` for an AccessKey secret,
/// `network/line` for the password of the line's network, `nvs-keys/PROFILE` for a profile's NVS encryption keys,
/// `mes/key` for the key that calls to the MES are signed with. The station's own records of people and machine tokens are
/// `person/ID` and `token/ID`, its signing keys `signing/batch` and `signing/station`, and the key of its digests
/// `digest/root`; nobody sets them by name.
///
/// The identifier has 1 to 64 characters of `A-Z a-z 0-9 - _`. A name is no secret: it stands in file names, listings and
/// the journal.
public struct SecretName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// What the secret is for.
    public enum Kind: String, Sendable, CaseIterable {
        /// The ProductSecret of the product with this ProductKey.
        case product
        /// The secret of the cloud account's AccessKey with this id.
        case accessKey = "access-key"
        /// The password of the line's own network.
        case network
        /// The 64 bytes of a board profile's NVS encryption keys.
        case nvsKeys = "nvs-keys"
        /// The key that calls to the MES are signed with; `mes/key`.
        case mes
        /// What the station knows of a person who may sign in.
        case person
        /// What the station knows of a machine that may use its API.
        case token
        /// The seed of a key that the station signs with, made by the vault itself: `signing/batch` for batch archives,
        /// `signing/station` for what shows which station it is.
        case signing
        /// What keyed digests are made with; `digest/root`, made by the vault itself.
        case digest

        /// Whether a person sets it by its name; the others are the station's own records.
        public var isSetByName: Bool { ![.person, .token, .signing, .digest].contains(self) }
    }

    public let kind: Kind
    /// The ProductKey, the AccessKey id, the network's or the profile's name.
    public let identifier: String

    /// Checks the identifier.
    /// - Throws: ``VaultError`` with code `name`.
    public init(_ kind: Kind, _ identifier: String) throws(VaultError) {
        guard (1...Self.longestIdentifier).contains(identifier.utf8.count),
            identifier.utf8.allSatisfy(Self.isAllowed)
        else {
            throw VaultError(
                .name,
                "the identifier after \"\(kind.rawValue)/\" must have 1 to \(Self.longestIdentifier) characters of "
                    + "A-Z a-z 0-9 - _; received \(identifier.utf8.count) bytes")
        }
        self.kind = kind
        self.identifier = identifier
    }

    /// Reads `product/PRODUCTKEY`, `access-key/ID`, `network/line`, `nvs-keys/PROFILE` or `mes/key`.
    ///
    /// The text is not repeated in the error: somebody may have given the secret in place of its name.
    /// - Throws: ``VaultError`` with code `name`.
    public init(_ text: String) throws(VaultError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), kind.isSetByName else {
            throw VaultError(
                .name,
                "a secret is named product/PRODUCTKEY, access-key/ID, network/line, nvs-keys/PROFILE or mes/key; "
                    + "received \(text.utf8.count) bytes that begin with none of these words")
        }
        try self.init(kind, String(parts[1]))
    }

    public var description: String { "\(kind.rawValue)/\(identifier)" }

    public static func < (left: SecretName, right: SecretName) -> Bool { left.description < right.description }

    private static let longestIdentifier = 64

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension SecretName {
    private static let suffix = ".sealed"

    /// The name of the sealed file. One name, one file: neither part can contain the dot that separates them.
    var fileName: String { "\(kind.rawValue).\(identifier)\(Self.suffix)" }

    /// The name a file of the vault's folder stands for; nil for any other file.
    init?(fileName: String) {
        guard fileName.hasSuffix(Self.suffix) else { return nil }
        let parts = fileName.dropLast(Self.suffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])),
            let name = try? SecretName(kind, String(parts[1]))
        else { return nil }
        self = name
    }
}
