import BoardProtocols

/// An application for a microcontroller without a boot loader of its own: a vector table, then what it says of itself.
///
/// ```
/// 0   8   initial stack pointer and reset vector
/// 8   8   magic "PSAPP" 00 00 01
/// 16  32  version, NUL padded
/// 48  4   bytes of the whole image
/// 52  4   CRC-32 of the bytes from 64
/// 56  8   FFh
/// 64  n   code, with the credential's marker and 128 free bytes at its start
/// ```
struct PlainImage: Equatable {
    static let marker = "PSCRED-HERE-0001"
    static let capacity = 128
    private static let magic = Array("PSAPP".utf8) + [0, 0, 1]

    let version: String
    /// Where the image's code starts and how long the whole is.
    let length: Int

    /// The bytes of an image.
    /// - Parameters:
    ///   - base: address of the vector table.
    ///   - size: bytes of the whole, a multiple of 4, at least 512.
    static func build(version: String, base: UInt32, size: Int) -> [UInt8] {
        let name = Array(version.utf8.prefix(31))
        let place = Array(marker.utf8) + [UInt8](repeating: 0, count: capacity)
        let code = place + FirmwareImages.code(size - 64 - place.count, seed: UInt64(size) &+ UInt64(name.count))
        let vectors = LittleEndian.bytes(words: [0x2002_0000, base + 0x101])
        let head = vectors + magic + name + [UInt8](repeating: 0, count: 32 - name.count)
        return head + LittleEndian.bytes(words: [UInt32(size), checksum(code)]) + [UInt8](repeating: 0xFF, count: 8)
            + code
    }

    /// Reads an image; nil where there is none or it is damaged. The credential's place may hold anything.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 64, Array(bytes[8..<16]) == Self.magic, let length = LittleEndian.u32(bytes, at: 48),
            let expected = LittleEndian.u32(bytes, at: 52), (64...bytes.count).contains(Int(length))
        else { return nil }
        let code = Array(bytes[64..<Int(length)])
        guard Self.checksum(code) == expected else { return nil }
        version = String(decoding: bytes[16..<48].prefix { $0 != 0 }, as: UTF8.self)
        self.length = Int(length)
    }

    /// Over the code without the credential's place.
    private static func checksum(_ code: [UInt8]) -> UInt32 {
        CRC32.checksum(Array(code.prefix(marker.utf8.count)) + Array(code.dropFirst(marker.utf8.count + capacity)))
    }

    /// The credential that was patched in: two texts ended by NUL.
    static func credential(in bytes: [UInt8]) -> (key: String, secret: [UInt8])? {
        let place = Array(bytes.dropFirst(64 + marker.utf8.count).prefix(capacity))
        let parts = place.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty, parts[0].first != 0xFF else { return nil }
        return (String(decoding: parts[0], as: UTF8.self), Array(parts[1]))
    }
}
