import COpenSSL

/// The few calls of OpenSSL 3's libcrypto that the vault needs, each one synchronous and without state.
///
/// Keys and plaintext pass as buffers that their owner wipes; nothing here keeps or copies them.
enum OpenSSL {
    /// Bytes of an AES-256 key.
    static let keySize = 32
    /// Bytes of a GCM nonce (NIST SP 800-38D, 8.2: 96 bits).
    static let nonceSize = 12
    /// Bytes of a GCM tag.
    static let tagSize = 16
    /// Bytes of an HMAC-SHA256.
    static let digestSize = 32

    /// Fills `buffer` from OpenSSL's generator for private values.
    static func fillRandom(_ buffer: UnsafeMutableRawBufferPointer) throws(VaultError) {
        guard let base = buffer.baseAddress, buffer.count <= Int32.max,
            RAND_priv_bytes(base.assumingMemoryBound(to: UInt8.self), Int32(buffer.count)) == 1
        else { throw failure("no random bytes") }
    }

    /// A fresh nonce.
    static func nonce() throws(VaultError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: nonceSize)
        guard RAND_bytes(&bytes, Int32(nonceSize)) == 1 else { throw failure("no random bytes") }
        return bytes
    }

    /// AES-256-GCM: ciphertext of the plaintext's length, then the tag.
    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - nonce: 12 bytes, never used twice with one key.
    ///   - associated: bytes that are bound to the ciphertext but not part of it.
    static func seal(
        _ plaintext: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, nonce: [UInt8], associated: [UInt8]
    ) throws(VaultError) -> (ciphertext: [UInt8], tag: [UInt8]) {
        guard let context = EVP_CIPHER_CTX_new() else { throw failure("no cipher context") }
        defer { EVP_CIPHER_CTX_free(context) }
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
        var tag = [UInt8](repeating: 0, count: tagSize)
        var length: Int32 = 0
        var rest = [UInt8](repeating: 0, count: tagSize)
        guard
            EVP_EncryptInit_ex2(context, EVP_aes_256_gcm(), bytes(of: key), nonce, nil) == 1,
            EVP_EncryptUpdate(context, nil, &length, associated, Int32(associated.count)) == 1,
            EVP_EncryptUpdate(context, &ciphertext, &length, bytes(of: plaintext), Int32(plaintext.count)) == 1,
            length == ciphertext.count,
            EVP_EncryptFinal_ex(context, &rest, &length) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), &tag) == 1
        else { throw failure("AES-256-GCM did not seal") }
        return (ciphertext, tag)
    }

    /// Undoes ``seal(_:key:nonce:associated:)`` into `plaintext`, which has the ciphertext's length.
    /// - Returns: false if key, nonce, associated bytes, ciphertext and tag do not belong together; then `plaintext` must
    ///   not be used.
    static func open(
        _ ciphertext: [UInt8], tag: [UInt8], key: UnsafeRawBufferPointer, nonce: [UInt8], associated: [UInt8],
        into plaintext: UnsafeMutableRawBufferPointer
    ) throws(VaultError) -> Bool {
        guard let context = EVP_CIPHER_CTX_new() else { throw failure("no cipher context") }
        defer { EVP_CIPHER_CTX_free(context) }
        var tag = tag
        var length: Int32 = 0
        var rest = [UInt8](repeating: 0, count: tagSize)
        guard
            EVP_DecryptInit_ex2(context, EVP_aes_256_gcm(), bytes(of: key), nonce, nil) == 1,
            EVP_DecryptUpdate(context, nil, &length, associated, Int32(associated.count)) == 1,
            EVP_DecryptUpdate(
                context, plaintext.baseAddress?.assumingMemoryBound(to: UInt8.self), &length, ciphertext,
                Int32(ciphertext.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
        else { throw failure("AES-256-GCM did not open") }
        let isGenuine = EVP_DecryptFinal_ex(context, &rest, &length) == 1
        if !isGenuine { ERR_clear_error() }
        return isGenuine
    }

    /// HMAC-SHA256 (RFC 2104) into `output`, 32 bytes.
    static func hmac(
        key: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(VaultError) {
        var length = 0
        guard
            EVP_Q_mac(
                nil, "HMAC", nil, "SHA256", nil, key.baseAddress, key.count, bytes(of: message), message.count,
                output.baseAddress?.assumingMemoryBound(to: UInt8.self), output.count, &length) != nil,
            length == digestSize
        else { throw failure("HMAC-SHA256 failed") }
    }

    /// HKDF-SHA256 (RFC 5869) for one block of output, 32 bytes.
    static func deriveKey(
        from key: UnsafeRawBufferPointer, salt: [UInt8], info: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) throws(VaultError) {
        try withWipedBytes(digestSize) { (pseudorandom) throws(VaultError) in
            // Extract: HMAC keyed by the salt over the input key. The message is the key, so it is lent, not copied.
            var length = 0
            guard
                EVP_Q_mac(
                    nil, "HMAC", nil, "SHA256", nil, salt, salt.count, bytes(of: key), key.count,
                    pseudorandom.baseAddress?.assumingMemoryBound(to: UInt8.self), pseudorandom.count, &length) != nil,
                length == digestSize
            else { throw failure("HKDF-SHA256 failed") }
            // Expand, first block: HMAC(PRK, info ‖ 0x01).
            let message = info + [1]
            try message.withUnsafeBytes { bytes in
                Result { () throws(VaultError) in
                    try hmac(key: UnsafeRawBufferPointer(pseudorandom), message: bytes, into: output)
                }
            }.get()
        }
    }

    /// Lends zeroed memory that is wiped with `OPENSSL_cleanse` before it is given back.
    static func withWipedBytes<R, E: Error>(
        _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        defer {
            OPENSSL_cleanse(buffer.baseAddress, buffer.count)
            buffer.deallocate()
        }
        return try body(UnsafeMutableRawBufferPointer(rebasing: buffer[0..<count]))
    }

    private static func bytes(of buffer: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    }

    /// The oldest entry of OpenSSL's error queue as a sentence; the queue is emptied.
    static func failure(_ what: String) -> VaultError {
        let number = ERR_get_error()
        ERR_clear_error()
        guard number != 0, let reason = ERR_reason_error_string(number) else {
            return VaultError(.cryptography, "\(what): OpenSSL gave no reason")
        }
        return VaultError(.cryptography, "\(what): OpenSSL says \"\(String(cString: reason))\"")
    }
}
