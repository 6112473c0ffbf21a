import BoardProtocols

/// Contents for an NVS partition and keys to encrypt it with, made from a seed: for the comparison with Espressif's
/// generator.
struct NVSInput {
    let namespaces: [NVSPartition.Namespace]
    /// Bytes of the partition.
    let size: Int
    /// 64 bytes.
    let keys: [UInt8]

    /// - Parameter largeBlobs: how many blobs of 33,000 bytes come first.
    init(largeBlobs: Int, random: inout Seeded) {
        // Three values of at most 1,801 bytes fit into the two pages of the smallest partition.
        let isSmall = largeBlobs == 0 && Bool.random(using: &random)
        size = isSmall ? [0x3000, 0x4000, 0x6000].randomElement(using: &random) ?? 0x3000 : 0x16000
        var left = isSmall ? 3 : Int.random(in: 1...20, using: &random)
        var namespaces: [NVSPartition.Namespace] = []
        while left > 0 {
            let count = Int.random(in: 1...left, using: &random)
            left -= count
            let large = namespaces.isEmpty ? largeBlobs : 0
            namespaces.append(
                NVSPartition.Namespace(
                    Self.name("space", namespaces.count, &random),
                    (0..<large).map { ("large_\($0)", Self.blob(33_000, &random)) }
                        + (0..<count).map { (Self.name("key", $0, &random), Self.value(&random)) }))
        }
        self.namespaces = namespaces
        keys = (0..<64).map { _ in .random(in: 0...255, using: &random) }
    }

    /// What a partition with these contents holds.
    var entries: [NVSPartition.Entry] {
        namespaces.flatMap { space in
            space.entries.map { NVSPartition.Entry(namespace: space.name, key: $0.key, value: $0.value) }
        }
    }

    /// The generator's input.
    var csv: String {
        "# \(size)\nkey,type,encoding,value\n"
            + namespaces.map { space in
                "\(space.name),namespace,,\n"
                    + space.entries.map { "\($0.key),data,\(Self.cell($0.value))\n" }.joined()
            }.joined()
    }

    /// A name of at most 15 bytes that no other number gives.
    private static func name(_ start: String, _ number: Int, _ random: inout Seeded) -> String {
        let name = "\(start)_\(number)_"
        return name + String(repeating: "x", count: Int.random(in: 0...15 - name.count, using: &random))
    }

    private static func blob(_ count: Int, _ random: inout Seeded) -> NVSValue {
        .blob((0..<count).map { _ in .random(in: 0...255, using: &random) })
    }

    private static func value(_ random: inout Seeded) -> NVSValue {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: .u8(.random(in: .min ... .max, using: &random))
        case 1: .i8(.random(in: .min ... .max, using: &random))
        case 2: .u16(.random(in: .min ... .max, using: &random))
        case 3: .i16(.random(in: .min ... .max, using: &random))
        case 4: .u32(.random(in: .min ... .max, using: &random))
        case 5: .i32(.random(in: .min ... .max, using: &random))
        case 6: .u64(.random(in: .min ... .max, using: &random))
        case 7: .i64(.random(in: .min ... .max, using: &random))
        case 8, 9:
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
