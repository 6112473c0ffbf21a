import Provisioning

extension Vault {
    /// Signs `message` with the vault's Ed25519 key, which is made and sealed at first use and wiped after each use.
    /// - Returns: 64 bytes.
    /// - Throws: ``VaultError`` as ``secret(_:)`` does.
    public func sign(_ message: [UInt8]) throws(VaultError) -> [UInt8] {
        try withSeed { (seed) throws(VaultError) in try OpenSSL.sign(message, seed: seed) }
    }

    /// The public half of the signing key, which is made at first use.
    public func signingPublicKey() throws(VaultError) -> SigningPublicKey {
        try withSeed { (seed) throws(VaultError) in SigningPublicKey(bytes: try OpenSSL.publicKey(ofSeed: seed)) }
    }

    private func withSeed<R>(
        _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        let name = try SecretName(.signing, "batch")
        let known = try secret(name)
        let seed: Secret
        if let known { seed = known } else { seed = try makeSeed(name) }
        return try seed.withBytes { bytes in
            bytes.withUnsafeBytes { buffer in Result { () throws(VaultError) in try body(buffer) } }
        }.get()
    }

    /// Of two processes that come first at once, one seals its seed and both go on with that.
    private func makeSeed(_ name: SecretName) throws(VaultError) -> Secret {
        let made = try OpenSSL.withWipedBytes(OpenSSL.signingKeySize) { (buffer) throws(VaultError) in
            try OpenSSL.fillRandom(buffer)
            return Secret(bytes: Array(buffer))
        }
        return try sealFirst(made, as: name)
    }
}
