import COpenSSL

extension OpenSSL {
    /// Bytes of an Ed25519 seed, and of a public key (RFC 8032, 5.1.5).
    static let signingKeySize = 32
    /// Bytes of an Ed25519 signature.
    static let signatureSize = 64

    /// The public key of a seed.
    static func publicKey(ofSeed seed: UnsafeRawBufferPointer) throws(VaultError) -> [UInt8] {
        let key = try privateKey(seed)
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: signingKeySize)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == bytes.count else {
            throw failure("Ed25519 gave no public key")
        }
        return bytes
    }

    /// The signature of `message` under a seed, 64 bytes; the same message has the same signature.
    static func sign(_ message: [UInt8], seed: UnsafeRawBufferPointer) throws(VaultError) -> [UInt8] {
        let key = try privateKey(seed)
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { throw failure("no digest context") }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: signatureSize)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == signatureSize
        else { throw failure("Ed25519 did not sign") }
        return signature
    }

    /// Whether `signature` is that of `message` under the public key.
    static func verify(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureSize, publicKey.count == signingKeySize,
            let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
        else {
            ERR_clear_error()
            return false
        }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        let isGenuine =
            EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        ERR_clear_error()
        return isGenuine
    }

    private static func privateKey(_ seed: UnsafeRawBufferPointer) throws(VaultError) -> OpaquePointer {
        guard
            let key = EVP_PKEY_new_raw_private_key(
                EVP_PKEY_ED25519, nil, seed.baseAddress?.assumingMemoryBound(to: UInt8.self), seed.count)
        else { throw failure("Ed25519 does not take the key") }
        return key
    }
}
