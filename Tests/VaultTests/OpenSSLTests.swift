import Testing

@testable import Vault

@Suite("OpenSSL's answers against published vectors")
struct OpenSSLTests {
    @Test("AES-256-GCM gives NIST's ciphertext and tag (GCM specification, test case 16)")
    func galoisCounterMode() throws {
        let key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let nonce = bytes("cafebabefacedbaddecaf888")
        let plaintext = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
                + "b16aedf5aa0de657ba637b39")
        let associated = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let sealed = try key.withUnsafeBytes { key in
            try plaintext.withUnsafeBytes { try OpenSSL.seal($0, key: key, nonce: nonce, associated: associated) }
        }
        #expect(
            sealed.ciphertext
                == bytes(
                    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                        + "c5f61e6393ba7a0abcc9f662"))
        #expect(sealed.tag == bytes("76fc6ece0f4e1768cddf8853bb2d551b"))

        var opened = [UInt8](repeating: 0, count: plaintext.count)
        let isGenuine = try opened.withUnsafeMutableBytes { buffer in
            try key.withUnsafeBytes { key in
                try OpenSSL.open(
                    sealed.ciphertext, tag: sealed.tag, key: key, nonce: nonce, associated: associated, into: buffer)
            }
        }
        #expect(isGenuine)
        #expect(opened == plaintext)
    }

    @Test("HMAC-SHA256 gives the digest of RFC 4231, test case 2")
    func keyedHash() throws {
        var digest = [UInt8](repeating: 0, count: 32)
        try digest.withUnsafeMutableBytes { output in
            try Array("Jefe".utf8).withUnsafeBytes { key in
                try Array("what do ya want for nothing?".utf8).withUnsafeBytes { message in
                    try OpenSSL.hmac(key: key, message: message, into: output)
                }
            }
        }
        #expect(digest == bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
    }

    @Test("HKDF-SHA256 gives the first block of RFC 5869, test case 1")
    func keyDerivation() throws {
        var derived = [UInt8](repeating: 0, count: 32)
        try derived.withUnsafeMutableBytes { output in
            try [UInt8](repeating: 0x0B, count: 22).withUnsafeBytes { key in
                try OpenSSL.deriveKey(
                    from: key, salt: bytes("000102030405060708090a0b0c"), info: bytes("f0f1f2f3f4f5f6f7f8f9"),
                    into: output)
            }
        }
        #expect(derived == bytes("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"))
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
