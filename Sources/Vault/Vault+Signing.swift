import Provisioning

extension Vault {
    /// What a signature speaks for; each has a key of its own.
    public enum SigningKey: String, Sendable {
        /// The archives of closed batches.
        case batch
        /// The station itself, so that a copy of it shows.
        case station
    }

    /// Signs `message` with one of the vault's Ed25519 keys, which is made and sealed at first use and wiped after each use.
    /// - Returns: 64 bytes.
    /// - Throws: ``VaultError`` as ``secret(_:)`` does.
    public func sign(_ message: [UInt8], with key: SigningKey = .batch) throws(VaultError) -> [UInt8] {
        try withSeed(key) { (seed) throws(VaultError) in try OpenSSL.sign(message, seed: seed) }
    }

    /// The public half of a signing key, which is made at first use.
    public func signingPublicKey(_ key: SigningKey = .batch) throws(VaultError) -> SigningPublicKey {
        try withSeed(key) { (seed) throws(VaultError) in SigningPublicKey(bytes: try OpenSSL.publicKey(ofSeed: seed)) }
    }

    private func withSeed<R>(
        _ key: SigningKey, _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        let name = try SecretName(.signing, key.rawValue)
        let known = try secret(name)
        let seed: Secret
        if let known { seed = known } else { seed = try makeSeed(name) }
        return try seed.withUnsafeBytes(body)
    }

    /// Of two processes that come first at once, one seals its seed and both go on with that.
    private func makeSeed(_ name: SecretName) throws(VaultError) -> Secret {
        let made = try OpenSSL.withWipedBytes(OpenSSL.signingKeySize) { (buffer) throws(VaultError) in
            try OpenSSL.fillRandom(buffer)
            return Secret(copying: UnsafeRawBufferPointer(buffer))
        }
        return try sealFirst(made, as: name)
    }
}
