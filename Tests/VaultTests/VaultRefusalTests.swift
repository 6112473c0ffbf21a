import Foundation
import Provisioning
import Testing

@testable import Vault

@Suite("What the vault refuses")
struct VaultRefusalTests {
    let folder: TemporaryFolder
    let vault: Vault
    let product: SecretName

    init() throws {
        folder = try TemporaryFolder()
        vault = try Vault.open(dataFolder: folder.path)
        product = try SecretName("product/a1B2c3D4e5F")
        try vault.seal(Secret("KdmpoO8tTqHyWCbe"), as: product)
    }

    @Test("a key others may read is refused, with both modes", arguments: [0o644, 0o640, 0o604, 0o660, 0o601])
    func openKey(mode: Int) throws {
        try folder.setMode(mode, of: folder.file("key"))
        for sentence in everyUse() {
            #expect(sentence.contains("expected mode 0600, received 0\(String(mode, radix: 8))"))
        }
        #expect(refusal { _ = try vault.secret(product) } == .permissions)
        try folder.setMode(0o400, of: folder.file("key"))
        #expect(try vault.secret(product) == Secret("KdmpoO8tTqHyWCbe"))
    }

    @Test("a folder others may enter is refused, with both modes", arguments: [0o755, 0o750, 0o701])
    func openFolder(mode: Int) throws {
        try folder.setMode(mode, of: folder.path + "/vault")
        for sentence in everyUse() {
            #expect(sentence.contains("expected mode 0700, received 0\(String(mode, radix: 8))"))
        }
    }

    @Test("a sealed file others may read is refused, with both modes")
    func openSealedFile() throws {
        try folder.setMode(0o644, of: folder.file(product.fileName))
        #expect(refusal { _ = try vault.secret(product) } == .permissions)
        #expect(refusalSentence { _ = try vault.secret(product) }.contains("expected mode 0600, received 0644"))
    }

    @Test("a key of another length than 32 bytes is refused", arguments: [0, 1, 31, 33, 64])
    func keySize(count: Int) throws {
        try folder.write([UInt8](repeating: 7, count: count), "key")
        #expect(refusal { _ = try Vault.open(dataFolder: folder.path) } == .keySize)
        #expect(refusal { _ = try vault.secret(product) } == .keySize)
        #expect(refusalSentence { _ = try vault.secret(product) }.contains("must have 32 bytes"))
    }

    @Test("a missing key is not replaced while sealed files lie there")
    func keyMissing() throws {
        try FileManager.default.removeItem(atPath: folder.file("key"))
        #expect(refusal { _ = try Vault.open(dataFolder: folder.path) } == .keyMissing)
        #expect(refusal { _ = try vault.secret(product) } == .keyMissing)
        #expect(!FileManager.default.fileExists(atPath: folder.file("key")))
        try FileManager.default.removeItem(atPath: folder.file(product.fileName))
        _ = try Vault.open(dataFolder: folder.path)
        #expect(try folder.bytes("key").count == 32)
    }

    @Test("a symbolic link in the place of the key, of a sealed file or of the folder is not followed")
    func symbolicLinks() throws {
        for name in ["key", product.fileName] {
            let elsewhere = folder.path + "/elsewhere-\(name)"
            try FileManager.default.moveItem(atPath: folder.file(name), toPath: elsewhere)
            try FileManager.default.createSymbolicLink(atPath: folder.file(name), withDestinationPath: elsewhere)
            #expect(refusal { _ = try vault.secret(product) } == .system)
            try FileManager.default.removeItem(atPath: folder.file(name))
            try FileManager.default.moveItem(atPath: elsewhere, toPath: folder.file(name))
        }
        try FileManager.default.moveItem(atPath: folder.path + "/vault", toPath: folder.path + "/moved")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/vault", withDestinationPath: folder.path + "/moved")
        #expect(refusal { _ = try Vault.open(dataFolder: folder.path) } == .system)
    }

    @Test("a sealed file moved under another name is refused, and both names are said")
    func renamed() throws {
        let other = try SecretName("product/other")
        try FileManager.default.moveItem(atPath: folder.file(product.fileName), toPath: folder.file(other.fileName))
        #expect(refusal { _ = try vault.secret(other) } == .renamed)
        let sentence = refusalSentence { _ = try vault.secret(other) }
        #expect(sentence.contains("product/a1B2c3D4e5F"))
        #expect(sentence.contains("product/other"))
    }

    @Test("a moved file whose header was rewritten to fit is refused as changed")
    func forgedName() throws {
        let other = try SecretName("product/a1B2c3D4e5G")
        var bytes = try folder.bytes(product.fileName)
        bytes[6 + product.description.utf8.count - 1] = UInt8(ascii: "G")
        try folder.write(bytes, other.fileName)
        #expect(refusal { _ = try vault.secret(other) } == .tampered)
    }

    @Test("a file cut at any byte is refused as truncated, one with a byte more too")
    func truncated() throws {
        let whole = try folder.bytes(product.fileName)
        for length in 0..<whole.count {
            try folder.write(Array(whole[0..<length]), product.fileName)
            #expect(refusal { _ = try vault.secret(product) } == .truncated, "cut after \(length) bytes")
        }
        try folder.write(whole + [0], product.fileName)
        #expect(refusal { _ = try vault.secret(product) } == .truncated)
        try folder.write(whole, product.fileName)
        #expect(try vault.secret(product) == Secret("KdmpoO8tTqHyWCbe"))
    }

    @Test("one flipped bit anywhere in a file is refused")
    func tampered() throws {
        let whole = try folder.bytes(product.fileName)
        for bit in 0..<whole.count * 8 {
            var changed = whole
            changed[bit / 8] ^= 1 << (bit % 8)
            try folder.write(changed, product.fileName)
            let code = refusal { _ = try vault.secret(product) }
            #expect(code != nil, "bit \(bit)")
            // Behind the header nothing but the tag can tell.
            if bit / 8 >= 6 + product.description.utf8.count + 16 { #expect(code == .tampered, "bit \(bit)") }
        }
    }

    @Test("a file of another vault is refused as changed")
    func otherKey() throws {
        let other = try TemporaryFolder()
        try Vault.open(dataFolder: other.path).seal(Secret("KdmpoO8tTqHyWCbe"), as: product)
        try folder.write(other.bytes(product.fileName), product.fileName)
        #expect(refusal { _ = try vault.secret(product) } == .tampered)
    }

    @Test("a file of a later format version is refused by its version")
    func version() throws {
        var bytes = try folder.bytes(product.fileName)
        bytes[4] = 2
        try folder.write(bytes, product.fileName)
        #expect(refusal { _ = try vault.secret(product) } == .format)
        #expect(refusalSentence { _ = try vault.secret(product) }.contains("format version 2"))
    }

    @Test("a rest of an interrupted write is no secret and does not stop the next write")
    func interruptedWrite() throws {
        try folder.write([1, 2, 3], ".new")
        #expect(try vault.names() == [product])
        try vault.seal(Secret("next"), as: product)
        #expect(try vault.secret(product) == Secret("next"))
        #expect(!FileManager.default.fileExists(atPath: folder.file(".new")))
    }

    /// The sentences with which each use of the vault is refused.
    private func everyUse() -> [String] {
        [
            refusalSentence { _ = try Vault.open(dataFolder: folder.path) },
            refusalSentence { try vault.seal(Secret("x"), as: product) },
            refusalSentence { _ = try vault.secret(product) },
            refusalSentence { _ = try vault.keyedDigest(of: Secret("x"), context: "c") },
        ]
    }
}
