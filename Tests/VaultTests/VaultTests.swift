import Foundation
import Provisioning
import Testing

@testable import Vault

@Suite("The vault")
struct VaultTests {
    let folder: TemporaryFolder
    let product: SecretName
    let accessKey: SecretName

    init() throws {
        folder = try TemporaryFolder()
        product = try SecretName("product/a1B2c3D4e5F")
        accessKey = try SecretName("access-key/LTAI5tExample")
    }

    @Test("the first opening makes folder 0700 and key 0600 of 32 random bytes, later ones keep the key")
    func firstOpening() throws {
        _ = try Vault.open(dataFolder: folder.path)
        #expect(try folder.mode(folder.path + "/vault") == 0o700)
        #expect(try folder.mode(folder.file("key")) == 0o600)
        let key = try folder.bytes("key")
        #expect(key.count == 32)
        #expect(Set(key).count > 8)
        _ = try Vault.open(dataFolder: folder.path + "/")
        #expect(try folder.bytes("key") == key)

        let other = try TemporaryFolder()
        _ = try Vault.open(dataFolder: other.path)
        #expect(try other.bytes("key") != key)
    }

    @Test("a data folder that is not there yet is made, private")
    func missingDataFolder() throws {
        let data = folder.path + "/data"
        let vault = try Vault.open(dataFolder: data)
        try vault.seal(Secret("s"), as: product)
        #expect(try folder.mode(data) == 0o700)
    }

    @Test(
        "what was sealed is opened again, after a new opening too",
        arguments: ["x", "KdmpoO8tTqHyWCbe", "密钥 with spaces\n", String(repeating: "long", count: 1024)])
    func roundTrip(text: String) throws {
        try Vault.open(dataFolder: folder.path).seal(Secret(text), as: product)
        let vault = try Vault.open(dataFolder: folder.path)
        #expect(try vault.secret(product) == Secret(text))
        #expect(try vault.secret(accessKey) == nil)
        #expect(try folder.mode(folder.file(product.fileName)) == 0o600)
    }

    @Test("a second sealing takes the place of the first and shares no byte of nonce or ciphertext with it")
    func replacement() throws {
        let vault = try Vault.open(dataFolder: folder.path)
        try vault.seal(Secret("0123456789abcdef"), as: product)
        let first = try SealedFile(folder.bytes(product.fileName), expected: product)
        try vault.seal(Secret("0123456789abcdef"), as: product)
        let second = try SealedFile(folder.bytes(product.fileName), expected: product)
        #expect(first.nonce != second.nonce)
        #expect(first.ciphertext != second.ciphertext)
        try vault.seal(Secret("another"), as: product)
        #expect(try vault.secret(product) == Secret("another"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/vault").count == 2)
    }

    @Test("names are listed sorted, other files are not taken for secrets, removal removes one")
    func listing() throws {
        let vault = try Vault.open(dataFolder: folder.path)
        #expect(try vault.names().isEmpty)
        try vault.seal(Secret("p"), as: product)
        try vault.seal(Secret("a"), as: accessKey)
        try folder.write([1, 2, 3], "notes.txt")
        #expect(try vault.names() == [accessKey, product])
        #expect(try vault.remove(product))
        #expect(try !vault.remove(product))
        #expect(try vault.names() == [accessKey])
        #expect(try vault.secret(product) == nil)
    }

    @Test("an empty and a too long secret are refused", arguments: [0, 4097])
    func size(count: Int) throws {
        let vault = try Vault.open(dataFolder: folder.path)
        let secret = Secret(bytes: [UInt8](repeating: 65, count: count))
        #expect(refusal { try vault.seal(secret, as: product) } == .secretSize)
        #expect(refusalSentence { try vault.seal(secret, as: product) }.contains("1 to 4096 bytes, received \(count)"))
    }

    @Test("the same secret has one digest per context and vault, and the digest is not the secret's plain hash")
    func digests() throws {
        let vault = try Vault.open(dataFolder: folder.path)
        let digest = try vault.keyedDigest(of: Secret("device secret"), context: "pk/dn1")
        #expect(digest.count == 64)
        #expect(digest.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        #expect(
            try Vault.open(dataFolder: folder.path).keyedDigest(of: Secret("device secret"), context: "pk/dn1")
                == digest)
        #expect(try vault.keyedDigest(of: Secret("device secreu"), context: "pk/dn1") != digest)
        #expect(try vault.keyedDigest(of: Secret("device secret"), context: "pk/dn2") != digest)
        let other = try TemporaryFolder()
        let otherVault = try Vault.open(dataFolder: other.path)
        #expect(try otherVault.keyedDigest(of: Secret("device secret"), context: "pk/dn1") != digest)
    }

    @Test("no file holds the secret raw, in hexadecimal or in base64 at any offset")
    func searchedForSecret() throws {
        let text = "KdmpoO8tTqHyWCbe0123456789"
        let vault = try Vault.open(dataFolder: folder.path)
        try vault.seal(Secret(text), as: product)
        _ = try vault.keyedDigest(of: Secret(text), context: "c")
        let forms = Self.forms(of: Array(text.utf8))
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(files.contains("vault/\(product.fileName)"))
        for file in files {
            guard let content = FileManager.default.contents(atPath: "\(folder.path)/\(file)") else { continue }
            for form in forms { #expect(content.range(of: form) == nil, "\(file)") }
            for form in forms { #expect(Data(file.utf8).range(of: form) == nil) }
        }
        // The search itself finds what it is meant to find.
        for form in forms { #expect(Data("..".utf8 + form + "..".utf8).range(of: form) != nil) }
        let shifted = Data(Array("ab".utf8) + Array(text.utf8)).base64EncodedData()
        #expect(forms.contains { shifted.range(of: $0) != nil })
    }

    @Test("forty writers at once leave one whole value, and forty openers at once one key")
    func concurrency() async throws {
        let path = folder.path
        let name = product
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let vault = try Vault.open(dataFolder: path)
                    try vault.seal(Secret("value \(number)"), as: name)
                    guard let secret = try vault.secret(name) else {
                        Issue.record("the secret is gone")
                        return
                    }
                    #expect(secret.revealed.hasPrefix("value "))
                }
            }
            try await group.waitForAll()
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path + "/vault").sorted() == ["key", name.fileName])
    }

    /// Every form in which a leaked secret would be looked for; base64 without the characters its neighbours decide.
    private static func forms(of secret: [UInt8]) -> [Data] {
        let hex = secret.map { String(format: "%02x", $0) }.joined()
        let base64 = (0..<3).map { offset in
            let text = Data([UInt8](repeating: 0, count: offset) + secret).base64EncodedString()
            let start = [0, 2, 3][offset]
            let sure = (offset + secret.count) / 3 * 4
            return String(text.prefix(sure).dropFirst(start))
        }
        return ([String(decoding: secret, as: UTF8.self), hex, hex.uppercased()] + base64).map { Data($0.utf8) }
    }
}
