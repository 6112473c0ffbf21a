public import Provisioning

/// What guards the vault's data key, the one from which the keys that seal are derived.
public enum KeyProtection: Sendable {
    /// Nothing but the rights of the file `DATA/vault/key`, 0600.
    case file
    /// A second key outside the data folder, in the file at this absolute path: a credential of systemd, which keeps it
    /// sealed to the machine and lends it to the running service.
    case credential(path: String)
    /// A key pair in a PKCS#11 token; see ``Token``.
    case token(Token)

    /// An RSA key pair in a PKCS#11 token, used through OpenSSL's engine `pkcs11` (Debian: libengine-pkcs11-openssl). The
    /// data key is encrypted by RSA-OAEP (RFC 8017, 7.1, with SHA-1 and MGF1: what every token can do); the private half
    /// stays in the token.
    public struct Token: Sendable {
        /// Absolute path of the token's PKCS#11 library.
        public let module: String
        /// The key pair's URI (RFC 7512), such as `pkcs11:token=station;object=vault`; it holds no PIN.
        public let uri: String
        /// The PIN, asked for each time the token is opened.
        public let pin: @Sendable () throws -> Secret

        public init(module: String, uri: String, pin: @escaping @Sendable () throws -> Secret) {
            (self.module, self.uri, self.pin) = (module, uri, pin)
        }
    }

    /// The ways, as they are named in `station.toml` and in the key's file.
    public enum Kind: String, Sendable, CaseIterable {
        case file
        case credential
        case token
    }

    public var kind: Kind {
        switch self {
        case .file: .file
        case .credential: .credential
        case .token: .token
        }
    }
}
