import COpenSSL
import Locking
import Provisioning

/// An RSA key pair in a PKCS#11 token, open for the length of one call: the private half works inside the token.
struct TokenKeyPair: ~Copyable {
    private let publicKey: OpaquePointer
    private let privateKey: OpaquePointer

    fileprivate init(publicKey: OpaquePointer, privateKey: OpaquePointer) {
        (self.publicKey, self.privateKey) = (publicKey, privateKey)
    }

    deinit {
        EVP_PKEY_free(privateKey)
        EVP_PKEY_free(publicKey)
    }

    /// RSA-OAEP with the public half.
    func encrypt(_ plaintext: UnsafeRawBufferPointer) throws(VaultError) -> [UInt8] {
        let context = try Self.context(publicKey, EVP_PKEY_encrypt_init)
        defer { EVP_PKEY_CTX_free(context) }
        let bytes = plaintext.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var count = 0
        guard EVP_PKEY_encrypt(context, nil, &count, bytes, plaintext.count) == 1 else {
            throw OpenSSL.failure("RSA-OAEP did not encrypt")
        }
        var output = [UInt8](repeating: 0, count: count)
        guard EVP_PKEY_encrypt(context, &output, &count, bytes, plaintext.count) == 1 else {
            throw OpenSSL.failure("RSA-OAEP did not encrypt")
        }
        return Array(output[0..<count])
    }

    /// Undoes ``encrypt(_:)`` in the token.
    func decrypt(_ ciphertext: [UInt8]) throws(VaultError) -> Secret {
        let context = try Self.context(privateKey, EVP_PKEY_decrypt_init)
        defer { EVP_PKEY_CTX_free(context) }
        return try OpenSSL.withWipedBytes(Int(EVP_PKEY_get_size(privateKey))) { (buffer) throws(VaultError) in
            var count = buffer.count
            guard
                EVP_PKEY_decrypt(
                    context, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), &count, ciphertext,
                    ciphertext.count) == 1
            else {
                throw VaultError(
                    .token,
                    OpenSSL.failure("the token did not unwrap the vault's key").sentence
                        + "; is it the token, and the key pair, that the vault was made with?")
            }
            return Secret(copying: UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        }
    }

    private static func context(
        _ key: OpaquePointer, _ start: (OpaquePointer) -> Int32
    ) throws(VaultError) -> OpaquePointer {
        guard let context = EVP_PKEY_CTX_new(key, nil) else { throw OpenSSL.failure("no key context") }
        guard start(context) == 1, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 else {
            EVP_PKEY_CTX_free(context)
            throw OpenSSL.failure("the token's key does not do RSA-OAEP")
        }
        return context
    }
}

extension KeyProtection.Token {
    /// OpenSSL has one engine of a name in a process, with one module and one PIN.
    private static let engine = Locked<Void>(())

    /// Opens the token with its PIN and lends the key pair.
    ///
    /// One attempt with the PIN is made a call, so that a wrong one does not lock the token. The engine keeps PIN and session
    /// to the end of the process (libp11 0.4.12 leaves them at `ENGINE_finish`, because modules that clean up at exit crash
    /// otherwise): a process opens one token with one PIN.
    func open<R>(_ body: (borrowing TokenKeyPair) throws(VaultError) -> R) throws(VaultError) -> R {
        let pin: Secret
        do { pin = try self.pin() } catch let error as VaultError { throw error } catch {
            throw VaultError(.token, "the token's PIN could not be had: \(error)")
        }
        return try Self.engine.withLock { _ in
            Result { () throws(VaultError) in try open(pin: pin, body) }
        }.get()
    }

    private func open<R>(
        pin: Secret, _ body: (borrowing TokenKeyPair) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_ENGINE_DYNAMIC), nil)
        guard let engine = ENGINE_by_id("pkcs11") else {
            throw VaultError(
                .token,
                OpenSSL.failure("OpenSSL's engine pkcs11 does not load").sentence
                    + "; install Debian's libengine-pkcs11-openssl")
        }
        defer { ENGINE_free(engine) }
        let isSet = pin.withTerminatedBytes { text in
            ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module, 0) == 1
                && ENGINE_ctrl_cmd_string(engine, "PIN", text, 0) == 1 && ENGINE_init(engine) == 1
        }
        guard isSet else { throw failure("the engine pkcs11 did not start with \(module)") }
        defer { ENGINE_finish(engine) }
        guard let privateKey = ENGINE_load_private_key(engine, uri, nil, nil) else {
            throw failure("no private key \(uri) in \(module)")
        }
        guard let publicKey = ENGINE_load_public_key(engine, uri, nil, nil) else {
            EVP_PKEY_free(privateKey)
            throw failure("no public key \(uri) in \(module)")
        }
        return try body(TokenKeyPair(publicKey: publicKey, privateKey: privateKey))
    }

    /// The oldest entry of OpenSSL's queue tells the cause: a wrong PIN, no such object, no such library.
    private func failure(_ what: String) -> VaultError {
        VaultError(
            .token,
            OpenSSL.failure(what).sentence
                + "; check [vault.token] in station.toml, the PIN, and that the token is plugged in")
    }
}

extension Secret {
    /// Lends the bytes as a C string that is wiped afterwards.
    fileprivate func withTerminatedBytes<R>(_ body: (UnsafePointer<CChar>?) -> R) -> R {
        OpenSSL.withWipedBytes(count + 1) { (buffer) throws(Never) in
            withUnsafeBytes { (bytes) throws(Never) in
                UnsafeMutableRawBufferPointer(rebasing: buffer[0..<count]).copyMemory(from: bytes)
            }
            return body(buffer.baseAddress.map { UnsafePointer($0.assumingMemoryBound(to: CChar.self)) })
        }
    }
}
