import BoardProtocols

/// Contents for an NVS partition and keys to encrypt it with, made from a seed: for the comparison with Espressif's
/// generator.
struct NVSInput {
    let namespace: NVSPartition.Namespace
    /// 64 bytes.
    let keys: [UInt8]

    /// - Parameter largeBlobs: how many blobs of 33,000 bytes come first.
    init(largeBlobs: Int, random: inout Seeded) {
        let count = Int.random(in: 1...20, using: &random)
        namespace = NVSPartition.Namespace(
            "space",
            (0..<largeBlobs).map { ("large_\($0)", Self.blob(33_000, &random)) }
                + (0..<count).map { ("key_\($0)", Self.value(&random)) })
        keys = (0..<64).map { _ in .random(in: 0...255, using: &random) }
    }

    /// What a partition with these contents holds.
    var entries: [NVSPartition.Entry] {
        namespace.entries.map { NVSPartition.Entry(namespace: namespace.name, key: $0.key, value: $0.value) }
    }

    /// The generator's input.
    var csv: String {
        "key,type,encoding,value\n\(namespace.name),namespace,,\n"
            + namespace.entries.map { "\($0.key),data,\(Self.cell($0.value))\n" }.joined()
    }

    private static func blob(_ count: Int, _ random: inout Seeded) -> NVSValue {
        .blob((0..<count).map { _ in .random(in: 0...255, using: &random) })
    }

    private static func value(_ random: inout Seeded) -> NVSValue {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .u8(.random(in: .min ... .max, using: &random))
        case 1: .i16(.random(in: .min ... .max, using: &random))
        case 2: .u32(.random(in: .min ... .max, using: &random))
        case 3: .i64(.random(in: .min ... .max, using: &random))
        case 4, 5:
            .string(
                String(
                    (0..<Int.random(in: 0...600, using: &random)).map { _ in
                        "aZ9,\"'é中".randomElement(using: &random) ?? "x"
                    }))
        default:
            blob(Int.random(in: 1...700, using: &random), &random)
        }
    }

    private static func cell(_ value: NVSValue) -> String {
        switch value {
        case .u8(let number): "u8,\(number)"
        case .i8(let number): "i8,\(number)"
        case .u16(let number): "u16,\(number)"
        case .i16(let number): "i16,\(number)"
        case .u32(let number): "u32,\(number)"
        case .i32(let number): "i32,\(number)"
        case .u64(let number): "u64,\(number)"
        case .i64(let number): "i64,\(number)"
        case .string(let text): "string,\"\(text.replacing("\"", with: "\"\""))\""
        case .blob(let bytes): "hex2bin," + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}

/// A linear congruential generator: the same seed gives the same inputs.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
