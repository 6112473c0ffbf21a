import Foundation
import Provisioning
import Testing

@testable import Vault

@Suite("A rotation of the vault's key")
struct RotationTests {
    let folder: TemporaryFolder
    let names: [SecretName]

    init() throws {
        folder = try TemporaryFolder()
        names = try ["access-key/LTAI", "network/line", "product/a1B2c3D4e5F"].map { try SecretName($0) }
        let vault = try Vault.open(dataFolder: folder.path)
        for name in names { try vault.seal(Secret("value of \(name)"), as: name) }
    }

    @Test("every secret opens afterwards under a new key, digests stay, the signing key stays")
    func rotation() throws {
        let vault = try Vault.open(dataFolder: folder.path)
        let digest = try vault.keyedDigest(of: Secret("d"), context: "pk/dn")
        let signer = try vault.signingPublicKey()
        let old = try folder.bytes("key")
        for round in 1...2 {
            let done = try Vault.rotate(dataFolder: folder.path, from: [.file], to: .file)
            #expect(done.names.count == names.count + 1)
            #expect(try folder.bytes("key") != old)
            try expectWhole("round \(round)")
            #expect(try vault.keyedDigest(of: Secret("d"), context: "pk/dn") == digest)
            #expect(try vault.signingPublicKey() == signer)
            // The old key opens nothing any more.
            let new = try folder.bytes("key")
            try folder.write(old, "key")
            for name in names { #expect(refusal { _ = try vault.secret(name) } == .tampered) }
            try folder.write(new, "key")
        }
    }

    @Test("cut off after any number of files, the next opening finishes it", arguments: 0...5)
    func cutOff(after count: Int) throws {
        let old = Vault(dataFolder: folder.path, protection: .file)
        do {
            let open = try VaultFolder(old.folder, create: false)
            if count > 0 { try old.writeNewKey(Vault.nextKeyName, in: open) }
            for name in names.prefix(max(0, count - 1)) {
                guard let secret = try old.secret(name, in: open) else { continue }
                try old.put(secret, as: name, in: open, under: Vault.nextKeyName)
            }
            if count == 5 { try open.move(Vault.nextKeyName, over: Vault.keyName) }
        }
        _ = try Vault.open(dataFolder: folder.path)
        try expectWhole("after \(count)")
        #expect(!FileManager.default.fileExists(atPath: folder.file(Vault.nextKeyName)))
    }

    @Test("a sealed file that does not open stops it before anything is changed")
    func changedFile() throws {
        var bytes = try folder.bytes(names[1].fileName)
        bytes[bytes.count - 1] ^= 1
        try folder.write(bytes, names[1].fileName)
        let before = try folder.bytes("key")
        #expect(refusal { _ = try Vault.rotate(dataFolder: folder.path, from: [.file], to: .file) } == .tampered)
        #expect(try folder.bytes("key") == before)
        #expect(!FileManager.default.fileExists(atPath: folder.file(Vault.nextKeyName)))
    }

    @Test("readers and writers meanwhile see whole secrets")
    func concurrency() async throws {
        let (path, names) = (folder.path, names)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask { _ = try Vault.rotate(dataFolder: path, from: [.file], to: .file) }
            }
            for _ in 0..<10 {
                group.addTask {
                    let vault = try Vault.open(dataFolder: path)
                    for name in names { #expect(try vault.secret(name) == Secret("value of \(name)")) }
                    try vault.seal(Secret("value of \(names[0])"), as: names[0])
                }
            }
            try await group.waitForAll()
        }
        try expectWhole("at the end")
    }

    private func expectWhole(_ when: String) throws {
        let vault = try Vault.open(dataFolder: folder.path)
        for name in names { #expect(try vault.secret(name) == Secret("value of \(name)"), "\(name) \(when)") }
    }
}
