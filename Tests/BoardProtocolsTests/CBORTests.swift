import BoardProtocols
import Testing

@Suite("CBOR as SMP uses it")
struct CBORTests {
    /// A hex text as bytes.
    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    @Test(
        "values are written as RFC 8949, appendix A, writes them, and read back",
        arguments: [
            (CBOR.integer(0), "00"), (.integer(23), "17"), (.integer(24), "1818"), (.integer(100), "1864"),
            (.integer(1000), "1903e8"), (.integer(1_000_000), "1a000f4240"),
            (.integer(1_000_000_000_000), "1b000000e8d4a51000"), (.integer(-1), "20"), (.integer(-100), "3863"),
            (.integer(.min), "3b7fffffffffffffff"), (.integer(.max), "1b7fffffffffffffff"),
            (.bool(false), "f4"), (.bool(true), "f5"), (.null, "f6"), (.bytes([1, 2, 3, 4]), "4401020304"),
            (.text("IETF"), "6449455446"), (.text("水"), "63e6b0b4"), (.array([]), "80"),
            (.array([.integer(1), .array([.integer(2), .integer(3)])]), "8201820203"), (.map([]), "a0"),
            (.map([.init("a", .integer(1)), .init("b", .array([.integer(2)]))]), "a26161016162" + "8102"),
        ])
    func vectors(value: CBOR, hex: String) throws {
        #expect(value.encoded == Self.bytes(hex))
        let decoded = try CBOR(decoding: Self.bytes(hex))
        #expect(decoded == value)
    }

    @Test("indefinite lengths are read")
    func indefinite() throws {
        let map = try CBOR(decoding: Self.bytes("bf61610161629f0203ffff"))
        #expect(map == .map([.init("a", .integer(1)), .init("b", .array([.integer(2), .integer(3)]))]))
        let bytes = try CBOR(decoding: Self.bytes("5f42010243030405ff"))
        #expect(bytes == .bytes([1, 2, 3, 4, 5]))
        let text = try CBOR(decoding: Self.bytes("7f657374726561646d696e67ff"))
        #expect(text == .text("streaming"))
    }

    @Test(
        "hostile input is refused with its reason",
        arguments: [
            ("", CBORError.truncated), ("18", .truncated), ("a1", .truncated), ("a16161", .truncated),
            ("9bffffffffffffffff", .number), ("9b7fffffffffffffff", .truncated), ("5b7fffffffffffffff", .truncated),
            ("1bffffffffffffffff", .number), ("0000", .trailing), ("c000", .unsupported(0xC0)),
            ("f93c00", .unsupported(0xF9)), ("f7", .unsupported(0xF7)), ("ff", .unsupported(0xFF)),
            ("1c", .unsupported(0x1C)), ("61ff", .utf8), ("a10101", .key), ("a2616101616102", .duplicate),
            ("5f6161ff", .unsupported(0x61)), ("5f5fffff", .unsupported(0x5F)), ("9f", .truncated),
            (String(repeating: "81", count: 200) + "00", .depth), (String(repeating: "9f", count: 100_000), .depth),
            ("1f", .unsupported(0x1F)),
        ])
    func hostile(hex: String, error: CBORError) {
        #expect(throws: error) { try CBOR(decoding: Self.bytes(hex)) }
    }

    @Test("random values come back")
    func roundTrips() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            let value = Self.value(depth: 0, &random)
            let decoded = try CBOR(decoding: value.encoded)
            #expect(decoded == value)
        }
    }

    @Test("random bytes, and cut or changed messages, end in a value or an error")
    func fuzz() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var bytes = Self.value(depth: 0, &random).encoded
            for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count)] = .random(in: 0...255) }
            _ = try? CBOR(decoding: bytes.prefix(.random(in: 0...bytes.count)))
        }
    }

    @Test("printing a value shows no contents")
    func printing() {
        let value = CBOR.map([.init("val", .bytes(Array("geheim".utf8))), .init("name", .text("geheim"))])
        var dumped = ""
        dump(value, to: &dumped)
        for text in ["\(value)", String(reflecting: value), dumped] { #expect(!text.contains("geheim")) }
    }

    private static func value(depth: Int, _ random: inout SystemRandomNumberGenerator) -> CBOR {
        switch Int.random(in: 0..<(depth < 5 ? 8 : 6), using: &random) {
        case 0: .integer(.random(in: .min ... .max, using: &random))
        case 1: .integer(.random(in: -300...300, using: &random))
        case 2: .bytes((0..<Int.random(in: 0...300)).map { _ in .random(in: 0...255) })
        case 3: .text(String((0..<Int.random(in: 0...40)).compactMap { _ in "aZ0é水".randomElement() }))
        case 4: .bool(.random())
        case 5: .null
        case 6: .array((0..<Int.random(in: 0...4)).map { _ in value(depth: depth + 1, &random) })
        default: .map((0..<Int.random(in: 0...4)).map { .init("k\($0)", value(depth: depth + 1, &random)) })
        }
    }
}
