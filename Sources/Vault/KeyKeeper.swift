import COpenSSL
import Locking
import Provisioning

/// Gets the data key out of the vault's key file, and wraps a new one, by what guards it.
///
/// A key in clear or under a credential is read, used and wiped at each use. What a token unwrapped stays in memory of its
/// own, wiped at the end, until the key file changes: a token is slow, and may ask a person for its PIN.
struct KeyKeeper: Sendable {
    let protection: KeyProtection
    private let unwrapped = Locked<(wrapped: [UInt8], key: Secret)?>(nil)
    private static let salt = Array("provisioning-station vault key 1".utf8)

    init(_ protection: KeyProtection) { self.protection = protection }

    /// Lends the data key that is in `content`, the bytes of the file at `path`.
    /// - Throws: ``VaultError`` with `protection` where the file is guarded another way than this keeper knows, `keySize`,
    ///   `credential`, `token`.
    func withKey<R>(
        in content: UnsafeRawBufferPointer, path: String, _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        let file = try KeyFile(content, path: path)
        switch (file, protection) {
        case (.clear, .file): return try body(content)
        case (.credential(let wrapped), .credential(let credential)):
            return try OpenSSL.withWipedBytes(OpenSSL.keySize) { (key) throws(VaultError) in
                try unwrap(wrapped, by: credential, into: key)
                return try body(UnsafeRawBufferPointer(key))
            }
        case (.token(let wrapped), .token(let token)):
            return try unwrap(wrapped, by: token).withUnsafeBytes(body)
        default:
            throw VaultError(
                .protection,
                "\(path) is guarded by \(Self.words(file.kind)), [vault] in station.toml says \(Self.words(protection.kind))"
                    + "; change the configuration back, or move the key with `station secret rotate`")
        }
    }

    /// Lends what has to be written as the key file for `key`.
    func withFile<R>(
        for key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        switch protection {
        case .file: return try body(key)
        case .credential(let credential):
            let length = OpenSSL.nonceSize + OpenSSL.keySize + OpenSSL.tagSize
            let header = KeyFile.header(.credential, length: length)
            let nonce = try OpenSSL.nonce()
            let sealed = try withKey(of: credential) { (outer) throws(VaultError) in
                try OpenSSL.seal(key, key: outer, nonce: nonce, associated: header)
            }
            return try Self.lend(header + nonce + sealed.ciphertext + sealed.tag, body)
        case .token(let token):
            let wrapped = try token.open { (pair) throws(VaultError) in try pair.encrypt(key) }
            return try Self.lend(KeyFile.header(.token, length: wrapped.count) + wrapped, body)
        }
    }

    private static func lend<R>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        try bytes.withUnsafeBytes { buffer in Result { () throws(VaultError) in try body(buffer) } }.get()
    }

    // MARK: - Credential

    private func unwrap(
        _ wrapped: [UInt8], by credential: String, into key: UnsafeMutableRawBufferPointer
    ) throws(VaultError) {
        let ciphertext = wrapped.dropFirst(OpenSSL.nonceSize).dropLast(OpenSSL.tagSize)
        let isGenuine = try withKey(of: credential) { (outer) throws(VaultError) in
            try OpenSSL.open(
                Array(ciphertext), tag: Array(wrapped.suffix(OpenSSL.tagSize)), key: outer,
                nonce: Array(wrapped.prefix(OpenSSL.nonceSize)),
                associated: KeyFile.header(.credential, length: wrapped.count), into: key)
        }
        guard isGenuine else {
            throw VaultError(
                .credential,
                "the credential \(credential) does not open the vault's key: it is another one than the key was wrapped "
                    + "with, or the key file was changed; put the right one back")
        }
    }

    /// Lends the key that is derived from a credential's content.
    private func withKey<R>(
        of credential: String, _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        let secret = try GuardedFile.read(credential, what: "credential")
        guard secret.count >= OpenSSL.keySize else {
            throw VaultError(
                .credential,
                "the credential \(credential) must have at least \(OpenSSL.keySize) random bytes, received \(secret.count)"
            )
        }
        return try OpenSSL.withWipedBytes(OpenSSL.keySize) { (outer) throws(VaultError) in
            try secret.withUnsafeBytes { (bytes) throws(VaultError) in
                try OpenSSL.deriveKey(from: bytes, salt: Self.salt, info: Array("wrap".utf8), into: outer)
            }
            return try body(UnsafeRawBufferPointer(outer))
        }
    }

    // MARK: - Token

    private func unwrap(_ wrapped: [UInt8], by token: KeyProtection.Token) throws(VaultError) -> Secret {
        let outcome = unwrapped.withLock { known in
            Result { () throws(VaultError) in
                if let known, known.wrapped == wrapped { return known.key }
                let key = try token.open { (pair) throws(VaultError) in try pair.decrypt(wrapped) }
                guard key.count == OpenSSL.keySize else {
                    throw VaultError(
                        .token,
                        "the token \(token.uri) gave \(key.count) bytes, expected \(OpenSSL.keySize): it is another key "
                            + "pair than the vault's key was wrapped with")
                }
                known = (wrapped, key)
                return key
            }
        }
        return try outcome.get()
    }

    private static func words(_ kind: KeyProtection.Kind) -> String {
        switch kind {
        case .file: "its file's rights alone (\"file\")"
        case .credential: "a credential (\"credential\")"
        case .token: "a PKCS#11 token (\"token\")"
        }
    }
}
