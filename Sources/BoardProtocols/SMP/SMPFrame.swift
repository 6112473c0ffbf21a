/// The lines in which SMP messages cross a UART that a console shares.
///
/// A message is put behind its length (u16, big endian, CRC included) and before its CRC-16/XMODEM; the whole is written
/// in Base64 and cut into lines of at most 127 bytes, of which the first starts with 06 09 and the others with 04 14.
///
/// Source: Zephyr, "SMP Transport Specification", section "UART/serial and console".
public enum SMPFrame {
    /// Longest line in bytes, marker and LF included: what every device takes.
    public static let lineLength = 127
    /// Longest message a frame can carry: its length field counts the CRC too.
    public static let longestMessage = 0xFFFF - 2

    static let first: (UInt8, UInt8) = (0x06, 0x09)
    static let continued: (UInt8, UInt8) = (0x04, 0x14)
    /// LF, which ends every line.
    public static let lineEnd: UInt8 = 0x0A

    /// The lines of one message, ready for the wire.
    ///
    /// - Parameters:
    ///   - message: at most ``longestMessage`` bytes; a longer one is a programmer error.
    ///   - lineLength: bytes of a line, marker and LF included, at least 7.
    public static func encode(_ message: [UInt8], lineLength: Int = lineLength) -> [UInt8] {
        precondition(message.count <= longestMessage, "an SMP message has at most \(longestMessage) bytes")
        precondition(lineLength >= 7, "an SMP line has at least seven bytes")
        let length = UInt16(message.count + 2)
        let crc = crc16(message)
        let text = Base64Text.encode(
            [UInt8(length >> 8), UInt8(length & 255)] + message + [UInt8(crc >> 8), UInt8(crc & 255)])
        // Whole groups of four, so that every line can be decoded by itself.
        let room = (lineLength - 3) / 4 * 4
        var wire: [UInt8] = []
        wire.reserveCapacity(text.count + (text.count / room + 1) * 3)
        var start = 0
        while start < text.count {
            let end = min(start + room, text.count)
            let marker = start == 0 ? first : continued
            wire += [marker.0, marker.1]
            wire += text[start..<end]
            wire.append(lineEnd)
            start = end
        }
        return wire
    }

    /// CRC-16/XMODEM: polynomial 1021h, register preset to 0, neither reflected nor inverted.
    public static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var register: UInt16 = 0
        for byte in bytes {
            register ^= UInt16(byte) << 8
            for _ in 0..<8 { register = register & 0x8000 == 0 ? register << 1 : register << 1 ^ 0x1021 }
        }
        return register
    }

    /// What the decoder found in the byte stream.
    public enum Item: Equatable, Sendable {
        /// A complete message whose CRC fits.
        case message([UInt8])
        /// Bytes outside frames: console output, line ends included.
        case text([UInt8])
        /// A frame that was begun and is none, and why.
        case damaged(Damage)
    }

    /// Why a frame is none.
    public enum Damage: String, Equatable, Sendable {
        /// A character outside the Base64 alphabet, or padding in the middle.
        case base64
        /// More bytes than the length says, a length that is too small, or one over the decoder's limit.
        case length
        /// The CRC over the message does not fit.
        case crc
        /// A new frame began before the old one was complete.
        case unfinished
        /// A continuation line without a first one.
        case orphan
    }
}
