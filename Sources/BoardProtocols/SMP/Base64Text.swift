/// Base64 as SMP's serial lines carry it: RFC 4648, section 4, with padding at the end.
enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    static let padding = UInt8(ascii: "=")

    /// The text of `bytes`, padded to a multiple of four characters.
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let word =
                UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            text.append(alphabet[Int(word >> 18)])
            text.append(alphabet[Int(word >> 12 & 63)])
            text.append(left > 1 ? alphabet[Int(word >> 6 & 63)] : padding)
            text.append(left > 2 ? alphabet[Int(word & 63)] : padding)
            index += 3
        }
        return text
    }

    /// The one to three bytes of a group of four characters; nil for characters outside the alphabet, or padding
    /// anywhere but in the last two places.
    static func decode(_ group: ArraySlice<UInt8>) -> [UInt8]? {
        var word: UInt32 = 0
        var padded = 0
        for character in group {
            word <<= 6
            if character == padding {
                padded += 1
            } else {
                guard padded == 0, let value = value(character) else { return nil }
                word |= value
            }
        }
        guard group.count == 4, padded <= 2 else { return nil }
        return Array([UInt8(word >> 16), UInt8(word >> 8 & 255), UInt8(word & 255)].dropLast(padded))
    }

    static func isCharacter(_ byte: UInt8) -> Bool { byte == padding || value(byte) != nil }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
