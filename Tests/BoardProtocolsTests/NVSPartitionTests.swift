import BoardProtocols
import Foundation
import Testing

@Suite struct NVSPartitionTests {
    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/nvs")

    static let cred = [
        NVSPartition.Namespace(
            "cred",
            [("product_key", .string("a1FixtureKey")), ("product_secret", .string("FixtureSecret016"))])
    ]

    static let mixed = [
        NVSPartition.Namespace(
            "net",
            [
                ("ssid", .string("line-7")), ("channel", .u8(11)), ("offset", .i8(-3)), ("port", .u16(1883)),
                ("delta", .i16(-300)), ("address", .u32(3_232_235_777)), ("balance", .i32(-70000)),
                ("serial", .u64(9_007_199_254_740_993)), ("drift", .i64(-9_007_199_254_740_993)),
                ("calibration", .blob(Array(0...0x21))),
            ]), NVSPartition.Namespace("motd", [("text", .string("comma, \"quote\" and 中文"))]),
    ]

    @Test("the bytes are those of Espressif's generator", arguments: [("cred", Self.cred), ("mixed", Self.mixed)])
    func fixture(_ name: String, _ contents: [NVSPartition.Namespace]) throws {
        let recorded = try Data(contentsOf: Self.fixtures.appendingPathComponent("\(name).bin"))
        #expect(try NVSPartition.build(contents, size: 0x3000) == Array(recorded))
    }

    @Test("what the generator wrote is read back", arguments: [("cred", Self.cred), ("mixed", Self.mixed)])
    func parse(_ name: String, _ contents: [NVSPartition.Namespace]) throws {
        let recorded = try Data(contentsOf: Self.fixtures.appendingPathComponent("\(name).bin"))
        let partition = try NVSPartition(parsing: Array(recorded))
        let expected = contents.flatMap { namespace in
            namespace.entries.map { NVSPartition.Entry(namespace: namespace.name, key: $0.key, value: $0.value) }
        }
        #expect(partition.entries == expected)
    }

    @Test("no single flipped bit in a written page changes a value unnoticed")
    func flippedBits() throws {
        let bytes = try NVSPartition.build(Self.cred, size: 0x3000)
        let whole = try NVSPartition(parsing: bytes).entries
        // Header, state bits of the written entries, and the entries themselves.
        for index in Array(0..<34) + Array(64..<64 + 5 * 32) {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8(bit)
                if let found = try? NVSPartition(parsing: damaged) {
                    for entry in found.entries { #expect(whole.contains(entry), "byte \(index) bit \(bit)") }
                }
            }
        }
    }

    @Test("a flipped bit in a stored string is a wrong data CRC at that entry")
    func dataCRC() throws {
        var bytes = try NVSPartition.build(Self.cred, size: 0x3000)
        bytes[64 + 2 * 32] ^= 1
        #expect {
            try NVSPartition(parsing: bytes)
        } throws: { error in
            guard case NVSError.dataCRC(let offset, _, _) = error else { return false }
            return offset == 64 + 32
        }
    }

    @Test(
        "sizes that NVS cannot have are refused", arguments: [0, 4096, 0x2000, 0x3001, 0x3800])
    func sizes(_ size: Int) {
        #expect(throws: NVSError.size(size)) { try NVSPartition.build(Self.cred, size: size) }
    }

    @Test("keys over 15 bytes, values over a page and full partitions are refused")
    func limits() {
        func build(_ key: String, _ value: NVSValue) throws {
            _ = try NVSPartition.build([NVSPartition.Namespace("n", [(key, value)])], size: 0x3000)
        }
        #expect(throws: NVSError.key("sixteen_bytes_ab")) { try build("sixteen_bytes_ab", .u8(1)) }
        #expect(throws: NVSError.key("")) { try build("", .u8(1)) }
        #expect(throws: NVSError.valueTooLong(key: "k", bytes: 3968, limit: 3967)) {
            try build("k", .string(String(repeating: "x", count: 3968)))
        }
        #expect(throws: NVSError.full) { try build("k", .blob([UInt8](repeating: 1, count: 9000))) }
    }

    @Test("a wholly erased partition is empty")
    func erased() throws {
        #expect(try NVSPartition(parsing: [UInt8](repeating: 0xFF, count: 0x3000)).entries.isEmpty)
    }

    @Test("a value's text shows its size and not the value")
    func printing() {
        let entry = NVSPartition.Entry(namespace: "cred", key: "product_secret", value: .string("FixtureSecret016"))
        var dumped = ""
        dump(entry, to: &dumped)
        for text in ["\(entry)", String(reflecting: entry), dumped] { #expect(!text.contains("FixtureSecret")) }
    }
}
