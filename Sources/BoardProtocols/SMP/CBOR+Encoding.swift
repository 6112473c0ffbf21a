extension CBOR {
    /// The value's bytes, with definite lengths and the shortest integers.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .integer(let number):
            if number >= 0 {
                Self.head(0, UInt64(number), &bytes)
            } else {
                Self.head(1, UInt64(bitPattern: ~number), &bytes)
            }
        case .bytes(let content):
            Self.head(2, UInt64(content.count), &bytes)
            bytes += content
        case .text(let text):
            Self.appendText(text, &bytes)
        case .array(let items):
            Self.head(4, UInt64(items.count), &bytes)
            for item in items { item.append(to: &bytes) }
        case .map(let entries):
            Self.head(5, UInt64(entries.count), &bytes)
            for entry in entries {
                Self.appendText(entry.key, &bytes)
                entry.value.append(to: &bytes)
            }
        case .bool(let bool): bytes.append(bool ? 0xF5 : 0xF4)
        case .null: bytes.append(0xF6)
        }
    }

    private static func appendText(_ text: String, _ bytes: inout [UInt8]) {
        head(3, UInt64(text.utf8.count), &bytes)
        bytes += text.utf8
    }

    /// Major type and argument: RFC 8949, section 3.
    private static func head(_ major: UInt8, _ argument: UInt64, _ bytes: inout [UInt8]) {
        let type = major << 5
        let size: Int
        switch argument {
        case 0..<24: return bytes.append(type | UInt8(argument))
        case 24...0xFF: size = 1
        case 0x100...0xFFFF: size = 2
        case 0x1_0000...0xFFFF_FFFF: size = 4
        default: size = 8
        }
        bytes.append(type | (24 + UInt8(size.trailingZeroBitCount)))
        for index in (0..<size).reversed() { bytes.append(UInt8(argument >> (8 * UInt64(index)) & 255)) }
    }
}
