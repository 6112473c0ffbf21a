import BoardProtocols
import Foundation
import Provisioning
import Testing

@testable import Bench

@Suite("Encrypted NVS partitions")
struct NVSEncryptionTests {
    static let python: String? = ProcessInfo.processInfo.environment["STATION_VENV"].flatMap { venv in
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(venv)/bin/python")
        process.arguments = ["-c", "import esp_idf_nvs_partition_gen"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? "\(venv)/bin/python" : nil
    }

    static let keys = Secret(bytes: Array(0..<64))

    @Test("a credential partition is read with its keys and with no others")
    func credential() throws {
        let secret = Secret("secret-of-the-product")
        let region = try CredentialPartition.region(
            productKey: "a1B2c3D4e5F", productSecret: secret, offset: 0x11_0000, keys: Self.keys)
        let plain = try CredentialPartition.region(
            productKey: "a1B2c3D4e5F", productSecret: secret, offset: 0x11_0000)
        #expect(region.image.count == plain.image.count)
        // Page header and bitmap stay, every entry is another one.
        #expect(region.image[0..<64] == plain.image[0..<64])
        for entry in 2..<7 {
            #expect(region.image[32 * entry..<32 * entry + 32] != plain.image[32 * entry..<32 * entry + 32])
        }
        #expect(region.image[224...] == plain.image[224...])
        #expect(try NVSEncryption.decrypt(region.image, keys: Self.keys) == plain.image)

        let read = try #require(try CredentialPartition.read(region.image, keys: Self.keys))
        #expect(read.productKey == "a1B2c3D4e5F")
        #expect(read.productSecret == secret)
        let others = Secret(bytes: Array(1...64))
        #expect(throws: NVSError.self) { try CredentialPartition.read(region.image, keys: others) }
        #expect(throws: NVSError.self) { try CredentialPartition.read(region.image) }
    }

    @Test("keys of another length, equal halves and torn pages are refused in plain words")
    func refusals() throws {
        let page = [UInt8](repeating: 0xFF, count: 4096)
        #expect(throws: NVSError.keys(bytes: 32)) {
            try NVSEncryption.encrypt(page, keys: Secret(bytes: [UInt8](repeating: 1, count: 32)))
        }
        #expect(throws: NVSError.keys(bytes: 64)) {
            try NVSEncryption.encrypt(page, keys: Secret(bytes: [UInt8](repeating: 1, count: 64)))
        }
        #expect(throws: NVSError.size(100)) { try NVSEncryption.encrypt(Array(page[..<100]), keys: Self.keys) }
        #expect("\(NVSError.keys(bytes: 32))".contains("expected 64"))
        #expect("\(NVSError.keys(bytes: 64))".contains("two different keys"))
    }

    @Test("an erased partition has nothing to encrypt")
    func erased() throws {
        let empty = [UInt8](repeating: 0xFF, count: 0x3000)
        #expect(try NVSEncryption.encrypt(empty, keys: Self.keys) == empty)
    }

    @Test(
        "200 partitions, plain and encrypted, are the generator's, byte for byte, and read back as written",
        .enabled(if: python != nil, "needs STATION_VENV with esp-idf-nvs-partition-gen"))
    func sameBytes() throws {
        let python = try #require(Self.python)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = Seeded(state: 4711)
        let inputs = (0..<200).map { number in
            // Every tenth reaches over 64 KiB, where addresses have one more digit.
            NVSInput(largeBlobs: number % 10 == 0 ? 2 : 0, random: &random)
        }
        for (number, input) in inputs.enumerated() {
            let path = folder.appendingPathComponent("\(number)").path
            try Data(input.csv.utf8).write(to: URL(fileURLWithPath: "\(path).csv"))
            try Data(input.keys).write(to: URL(fileURLWithPath: "\(path)-keys.bin"))
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Clients/nvs_batch.py")
        process.arguments = [script.path, folder.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)

        var beyond64KiB = 0
        for (number, input) in inputs.enumerated() {
            func generated(_ kind: String) throws -> [UInt8] {
                Array(try Data(contentsOf: folder.appendingPathComponent("\(number)-\(kind).bin")))
            }
            let plain = try NVSPartition.build(input.namespaces, size: input.size)
            #expect(Self.difference(plain, try generated("plain")) == nil, "plain input \(number)")
            let keys = Secret(bytes: input.keys)
            let encrypted = try NVSEncryption.encrypt(plain, keys: keys)
            #expect(Self.difference(encrypted, try generated("encrypted")) == nil, "encrypted input \(number)")
            let back = try NVSPartition(parsing: NVSEncryption.decrypt(try generated("encrypted"), keys: keys))
            #expect(back.entries == input.entries, "input \(number)")
            if plain.dropFirst(0x10000).contains(where: { $0 != 0xFF }) { beyond64KiB += 1 }
        }
        #expect(beyond64KiB == 20)

        // The generator takes its tables in the order of their names: "99" comes last.
        let made = Array(try Data(contentsOf: folder.appendingPathComponent("keys/made.bin")))
        let last = try NVSPartition.build(inputs[99].namespaces, size: inputs[99].size)
        let encrypted = try NVSEncryption.encrypt(last, keys: NVSKeyPartition.keys(in: made))
        let generated = Array(try Data(contentsOf: folder.appendingPathComponent("99-made.bin")))
        #expect(Self.difference(encrypted, generated) == nil)
    }

    @Test("an image of the key partition gives its keys where the check value fits")
    func keyPartition() throws {
        let keys = Array(UInt8(0)..<64)
        let image = keys + LittleEndian.bytes(CRC32.nvs(keys)) + [UInt8](repeating: 0xFF, count: 4096 - 68)
        #expect(try NVSKeyPartition.keys(in: image) == Self.keys)
        #expect(try NVSKeyPartition.keys(in: keys) == Self.keys)
        for place in [0, 63, 64, 67] {
            var damaged = image
            damaged[place] ^= 1
            #expect(throws: NVSError.keyCRC) { try NVSKeyPartition.keys(in: damaged) }
        }
        #expect(throws: NVSError.keys(bytes: 100)) { try NVSKeyPartition.keys(in: Array(image[..<100])) }
        #expect(throws: NVSError.keys(bytes: 64)) {
            try NVSKeyPartition.keys(in: [UInt8](repeating: 0xFF, count: 4096))
        }
        #expect(!"\(NVSError.keyCRC)".isEmpty)
    }

    /// Where the two differ first; the smaller length where one is the start of the other.
    private static func difference(_ left: [UInt8], _ right: [UInt8]) -> Int? {
        guard left != right else { return nil }
        return zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            ?? min(left.count, right.count)
    }
}
