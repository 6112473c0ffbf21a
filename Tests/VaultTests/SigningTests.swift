import Foundation
import Testing

@testable import Vault

@Suite("The vault's signing key")
struct SigningTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("Ed25519 gives the public key and signature of RFC 8032, test 3")
    func vector() throws {
        let seed = bytes("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
        let key = try seed.withUnsafeBytes { try OpenSSL.publicKey(ofSeed: $0) }
        #expect(key == bytes("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"))
        let signature = try seed.withUnsafeBytes { try OpenSSL.sign([0xAF, 0x82], seed: $0) }
        #expect(
            signature
                == bytes(
                    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                        + "4a7c15e9716ed28dc027beceea1ec40a"))
        #expect(OpenSSL.verify(signature, of: [0xAF, 0x82], publicKey: key))
        #expect(!OpenSSL.verify(signature, of: [0xAF, 0x83], publicKey: key))
    }

    @Test("it is made at first use, sealed 0600, and stays the same after a new opening")
    func firstUse() throws {
        let key = try Vault.open(dataFolder: folder.path).signingPublicKey()
        #expect(try folder.mode(folder.file("signing.batch.sealed")) == 0o600)
        let again = try Vault.open(dataFolder: folder.path)
        #expect(try again.signingPublicKey() == key)
        let signature = try again.sign(Array("manifest".utf8))
        #expect(key.verifies(signature, of: Array("manifest".utf8)))
        #expect(!key.verifies(signature, of: Array("Manifest".utf8)))
        #expect(!key.verifies(Array(signature.dropLast()), of: Array("manifest".utf8)))
    }

    @Test("of many that come first at once all sign with one key")
    func race() async throws {
        let vault = try Vault.open(dataFolder: folder.path)
        let keys = try await withThrowingTaskGroup(of: SigningPublicKey.self) { group in
            for _ in 0..<8 { group.addTask { try vault.signingPublicKey() } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
    }

    @Test("its PEM text is read back, and what is no Ed25519 key is refused")
    func pem() throws {
        let key = try Vault.open(dataFolder: folder.path).signingPublicKey()
        #expect(try SigningPublicKey(pem: key.pem) == key)
        #expect(try SigningPublicKey(pem: key.pem.replacingOccurrences(of: "\n", with: "\r\n")) == key)
        #expect(refusal { _ = try SigningPublicKey(pem: "") } == .format)
        let short = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2Vw\n-----END PUBLIC KEY-----\n"
        #expect(refusal { _ = try SigningPublicKey(pem: short) } == .format)
    }

    @Test("nobody sets it by its name")
    func name() { #expect(refusal { _ = try SecretName("signing/batch") } == .name) }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
