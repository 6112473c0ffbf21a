import Foundation
import Provisioning
import Testing

@testable import Vault

@Suite("What guards the vault's key")
struct KeyProtectionTests {
    let folder: TemporaryFolder
    let name: SecretName

    init() throws {
        folder = try TemporaryFolder()
        name = try SecretName("product/a1B2c3D4e5F")
    }

    private func credential(_ file: String = "credential", fill: UInt8 = 7, count: Int = 32) throws -> KeyProtection {
        let path = "\(folder.path)/\(file)"
        try Data(repeating: fill, count: count).write(to: URL(fileURLWithPath: path))
        try folder.setMode(0o600, of: path)
        return .credential(path: path)
    }

    @Test("a credential wraps the key: without it, or with another, nothing opens")
    func credentials() throws {
        let right = try credential()
        let vault = try Vault.open(dataFolder: folder.path, protection: right)
        try vault.seal(Secret("s"), as: name)
        #expect(try folder.bytes("key").prefix(4) == Array("PSVK".utf8)[...])
        #expect(try Vault.open(dataFolder: folder.path, protection: right).secret(name) == Secret("s"))
        let other = try credential("other", fill: 8)
        #expect(refusal { _ = try Vault.open(dataFolder: folder.path, protection: other) } == .credential)
        let gone = KeyProtection.credential(path: folder.path + "/gone")
        #expect(refusal { _ = try Vault.open(dataFolder: folder.path, protection: gone) } == .credential)
        #expect(refusal { _ = try Vault.open(dataFolder: folder.path) } == .protection)
        let sentence = refusalSentence { _ = try Vault.open(dataFolder: folder.path) }
        #expect(sentence.contains("station secret rotate"))
    }

    @Test("a credential too short, or that others may read, is refused", arguments: [(31, 0o600), (32, 0o644)])
    func unfitCredentials(count: Int, mode: Int) throws {
        let unfit = try credential(count: count)
        try folder.setMode(mode, of: folder.path + "/credential")
        let code = refusal { _ = try Vault.open(dataFolder: folder.path, protection: unfit) }
        #expect(code == (mode == 0o600 ? .credential : .permissions))
    }

    @Test("one flipped bit anywhere in a wrapped key is refused, and a cut at any byte")
    func changedKey() throws {
        let right = try credential()
        let vault = try Vault.open(dataFolder: folder.path, protection: right)
        try vault.seal(Secret("s"), as: name)
        let whole = try folder.bytes("key")
        for bit in 0..<whole.count * 8 {
            var changed = whole
            changed[bit / 8] ^= 1 << (bit % 8)
            try folder.write(changed, "key")
            #expect(refusal { _ = try vault.secret(name) } != nil, "bit \(bit)")
        }
        for length in 0..<whole.count {
            try folder.write(Array(whole[0..<length]), "key")
            #expect(refusal { _ = try vault.secret(name) } == .keySize, "cut after \(length) bytes")
        }
    }

    @Test("a rotation moves the key from a file to a credential, to another, and back")
    func moves() throws {
        try Vault.open(dataFolder: folder.path).seal(Secret("s"), as: name)
        let (first, second) = (try credential(), try credential("other", fill: 8))
        let there = try Vault.rotate(dataFolder: folder.path, from: [first], to: first)
        #expect((there.from, there.to) == (.file, .credential))
        #expect(try Vault.open(dataFolder: folder.path, protection: first).secret(name) == Secret("s"))
        _ = try Vault.rotate(dataFolder: folder.path, from: [first], to: second)
        #expect(try Vault.open(dataFolder: folder.path, protection: second).secret(name) == Secret("s"))
        _ = try Vault.rotate(dataFolder: folder.path, from: [second], to: .file)
        #expect(try Vault.open(dataFolder: folder.path).secret(name) == Secret("s"))
    }

    @Test(
        "a token's key pair wraps the key; PIN, module, object and token must be right", .enabled(if: SoftToken.isThere)
    )
    func token() throws {
        let token = try SoftToken()
        let right = token.protection()
        for wrong in [
            token.protection(module: "/nowhere.so"), token.protection(pin: "0000"), token.protection(label: "other"),
            token.protection(object: "other"),
        ] {
            let sentence = refusalSentence { _ = try Vault.open(dataFolder: folder.path, protection: wrong) }
            #expect(sentence.contains("check [vault.token]"))
            #expect(!sentence.contains("0000"))
            #expect(!FileManager.default.fileExists(atPath: folder.file("key")))
        }
        try Vault.open(dataFolder: folder.path).seal(Secret("s"), as: name)
        let moved = try Vault.rotate(dataFolder: folder.path, from: [right], to: right)
        #expect((moved.from, moved.to) == (.file, .token))
        #expect(try Vault.open(dataFolder: folder.path, protection: right).secret(name) == Secret("s"))
        // What was unwrapped once is kept until the key changes.
        let pins = Counter()
        let counting = token.protection(counted: pins)
        let vault = try Vault.open(dataFolder: folder.path, protection: counting)
        for _ in 0..<3 { #expect(try vault.secret(name) == Secret("s")) }
        #expect(pins.count == 1)
        _ = try Vault.rotate(dataFolder: folder.path, from: [right], to: right)
        #expect(try vault.secret(name) == Secret("s"))
        #expect(pins.count == 2)
        #expect(refusal { _ = try Vault.open(dataFolder: folder.path) } == .protection)
        #expect(try Vault.open(dataFolder: folder.path, protection: right).secret(name) == Secret("s"))
    }
}
