/// What the header and the trailing TLVs of a signed MCUboot image say about it: size, version and hash.
///
/// Source: MCUboot, "Bootloader", section "Image format" (all numbers little endian).
public struct MCUbootImage: Equatable, Sendable {
    public static let magic: UInt32 = 0x96F3_B83D
    public static let headerSize = 32
    static let tlvMagic: UInt16 = 0x6907
    static let protectedTLVMagic: UInt16 = 0x6908

    /// A TLV's type.
    public enum TLVType {
        public static let sha256: UInt16 = 0x10
        public static let sha384: UInt16 = 0x11
        public static let sha512: UInt16 = 0x12
    }

    public struct TLV: Equatable, Sendable {
        public let type: UInt16
        public let value: [UInt8]
        public let isProtected: Bool
    }

    public struct Version: Equatable, Sendable, CustomStringConvertible {
        public var major: UInt8
        public var minor: UInt8
        public var revision: UInt16
        public var build: UInt32

        public init(_ major: UInt8, _ minor: UInt8, _ revision: UInt16, build: UInt32 = 0) {
            (self.major, self.minor, self.revision, self.build) = (major, minor, revision, build)
        }

        /// As image lists print it: `1.2.3`, with `.4` behind it where there is a build number.
        public var description: String { "\(major).\(minor).\(revision)" + (build == 0 ? "" : ".\(build)") }
    }

    public let version: Version
    public let flags: UInt32
    /// Bytes of header, payload and protected TLVs: what the hash covers, from the image's start.
    public let hashedSize: Int
    /// Bytes of the whole image, its TLVs included; a slot's further bytes do not belong to it.
    public let size: Int
    public let tlvs: [TLV]

    /// The hash by which image lists name the image: SHA-256 where it has one, else SHA-384 or SHA-512.
    public var hash: [UInt8]? {
        for type in [TLVType.sha256, TLVType.sha384, TLVType.sha512] {
            if let tlv = tlvs.first(where: { $0.type == type && !$0.isProtected }) { return tlv.value }
        }
        return nil
    }

    /// Why bytes are no MCUboot image.
    public enum ParseError: Error, Equatable, Sendable, CustomStringConvertible {
        case magic(UInt32?)
        /// The bytes end before the part named.
        case truncated(String)
        case tlv

        public var description: String {
            switch self {
            case .magic(let found?):
                "it starts with 0x\(String(found, radix: 16)), a signed image with 0x96f3b83d: sign it with imgtool"
            case .magic(nil): "it is shorter than an image header of 32 bytes"
            case .truncated(let part): "it ends inside its \(part)"
            case .tlv: "its TLV area is damaged"
            }
        }
    }

    /// Reads an image file, or the start of a slot. The hash is read, not computed: see ``hashedSize``.
    /// - Throws: ``ParseError``.
    public init(parsing bytes: [UInt8]) throws(ParseError) {
        guard bytes.count >= Self.headerSize else { throw .magic(nil) }
        let magic = Self.word(bytes, 0)
        guard magic == Self.magic else { throw .magic(magic) }
        let header = Int(Self.half(bytes, 8))
        let protected = Int(Self.half(bytes, 10))
        let payload = Int(Self.word(bytes, 12))
        flags = Self.word(bytes, 16)
        version = Version(bytes[20], bytes[21], Self.half(bytes, 22), build: Self.word(bytes, 24))
        guard header >= Self.headerSize, header + payload <= bytes.count else { throw .truncated("payload") }
        var position = header + payload
        var found: [TLV] = []
        if protected > 0 {
            let start = position
            found = try Self.area(bytes, &position, magic: Self.protectedTLVMagic)
            guard position - start == protected else { throw .tlv }
        }
        hashedSize = position
        found += try Self.area(bytes, &position, magic: Self.tlvMagic)
        size = position
        tlvs = found
    }

    /// One TLV area: magic and length with these four bytes counted, then type, length and value of each.
    private static func area(
        _ bytes: [UInt8], _ position: inout Int, magic: UInt16
    ) throws(ParseError) -> [TLV] {
        guard position + 4 <= bytes.count else { throw .truncated("TLV area") }
        guard half(bytes, position) == magic else { throw .tlv }
        let end = position + Int(half(bytes, position + 2))
        guard end <= bytes.count else { throw .truncated("TLV area") }
        position += 4
        var tlvs: [TLV] = []
        while position < end {
            guard position + 4 <= end else { throw .tlv }
            let type = half(bytes, position)
            let length = Int(half(bytes, position + 2))
            guard position + 4 + length <= end else { throw .tlv }
            tlvs.append(
                TLV(
                    type: type, value: Array(bytes[position + 4..<position + 4 + length]),
                    isProtected: magic == protectedTLVMagic))
            position += 4 + length
        }
        guard position == end else { throw .tlv }
        return tlvs
    }

    private static func half(_ bytes: [UInt8], _ offset: Int) -> UInt16 {
        UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        UInt32(half(bytes, offset)) | UInt32(half(bytes, offset + 2)) << 16
    }
}
