/// A firmware image as the ROM and the second-stage bootloader load it: header E9h, segments, XOR check value,
/// optionally a SHA-256 over all of it at the end.
///
/// The ESP8266's images end their header after 8 bytes and have no digest.
///
/// Source: Espressif "Firmware Image Format". Hashing is passed in, since this target has no packages.
public struct ESPImage: Equatable, Sendable {
    /// One piece and the address it is loaded or mapped to.
    public struct Segment: Equatable, Sendable {
        public var address: UInt32
        public var data: [UInt8]
        public init(address: UInt32, data: [UInt8]) {
            self.address = address
            self.data = data
        }
    }

    /// First byte of every image.
    public static let magic: UInt8 = 0xE9

    public var entry: UInt32
    /// Chip id in the extended header; 5 for the ESP32-C3, nil for the ESP8266, which has none.
    public var chipID: UInt16?
    /// 0 QIO, 1 QOUT, 2 DIO, 3 DOUT.
    public var flashMode: UInt8
    /// High half: flash size; low half: frequency.
    public var flashSizeAndFrequency: UInt8
    public var segments: [Segment]
    /// The SHA-256 stored at the end; nil where the header says there is none.
    public var storedDigest: [UInt8]?
    /// Length of the whole image with check value and digest: what lies behind belongs to somebody else.
    public var length: Int

    /// Parses and checks an image that starts at the first of `bytes`; bytes behind it are ignored.
    ///
    /// - Parameters:
    ///   - extendedHeader: false for the ESP8266, whose header has 8 bytes instead of 24.
    ///   - sha256: hashes its argument to 32 bytes; called only where the header says a digest is appended.
    /// - Throws: ``ESPImageError`` for a wrong magic byte, an impossible segment, a wrong check value or digest.
    public init(
        parsing bytes: [UInt8], extendedHeader: Bool = true, sha256: (ArraySlice<UInt8>) -> [UInt8]
    ) throws(ESPImageError) {
        let header = extendedHeader ? 24 : 8
        guard let first = bytes.first else { throw .short(expected: header, received: 0) }
        guard first == Self.magic else { throw .magic(received: first) }
        guard bytes.count >= header, let entry = LittleEndian.u32(bytes, at: 4) else {
            throw .short(expected: header, received: bytes.count)
        }
        self.entry = entry
        chipID = extendedHeader ? LittleEndian.u16(bytes, at: 12) : nil
        flashMode = bytes[2]
        flashSizeAndFrequency = bytes[3]
        guard (1...16).contains(bytes[1]) else { throw .segmentCount(Int(bytes[1])) }

        var segments: [Segment] = []
        var position = header
        var check: UInt8 = 0xEF
        for index in 0..<Int(bytes[1]) {
            guard let address = LittleEndian.u32(bytes, at: position),
                let size = LittleEndian.u32(bytes, at: position + 4), position + 8 + Int(size) <= bytes.count
            else { throw .segment(index: index, at: position) }
            let data = Array(bytes[position + 8..<position + 8 + Int(size)])
            check = data.reduce(check, ^)
            segments.append(Segment(address: address, data: data))
            position += 8 + Int(size)
        }
        self.segments = segments

        let end = (position / 16 + 1) * 16
        guard end <= bytes.count else { throw .short(expected: end, received: bytes.count) }
        guard bytes[end - 1] == check else { throw .checksum(expected: check, received: bytes[end - 1]) }
        let digestFlag = extendedHeader ? bytes[23] : 0
        guard digestFlag <= 1 else { throw .digestFlag(digestFlag) }
        guard digestFlag == 1 else {
            storedDigest = nil
            length = end
            return
        }
        guard end + 32 <= bytes.count else { throw .short(expected: end + 32, received: bytes.count) }
        let stored = Array(bytes[end..<end + 32])
        let computed = sha256(bytes[..<end])
        guard stored == computed else { throw .digest(expected: computed, received: stored) }
        storedDigest = stored
        length = end + 32
    }

    /// Builds an image with an appended digest: what a simulated board boots.
    ///
    /// - Parameters:
    ///   - chipID: nil builds an ESP8266 image: a header of 8 bytes, no digest.
    ///   - sha256: hashes its argument to 32 bytes.
    public static func build(
        entry: UInt32, chipID: UInt16?, segments: [Segment], flashMode: UInt8 = 2, flashSizeAndFrequency: UInt8 = 0x2F,
        sha256: (ArraySlice<UInt8>) -> [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = [magic, UInt8(truncatingIfNeeded: segments.count), flashMode, flashSizeAndFrequency]
        bytes += LittleEndian.bytes(entry)
        if let chipID {
            bytes += [0xEE, 0, 0, 0] + LittleEndian.bytes(chipID) + [0] + LittleEndian.bytes(UInt16(0))
            bytes += LittleEndian.bytes(UInt16(0xFFFF)) + [0, 0, 0, 0, 1]
        }
        var check: UInt8 = 0xEF
        for segment in segments {
            bytes += LittleEndian.bytes(segment.address) + LittleEndian.bytes(UInt32(segment.data.count))
            bytes += segment.data
            check = segment.data.reduce(check, ^)
        }
        bytes += [UInt8](repeating: 0, count: 15 - bytes.count % 16) + [check]
        return chipID == nil ? bytes : bytes + sha256(bytes[...])
    }

    /// The application descriptor at the start of the first segment, where there is one (a bootloader has none).
    public var application: ESPApplication? { segments.first.flatMap { ESPApplication(parsing: $0.data) } }
}

/// What is wrong with an image.
public enum ESPImageError: Error, Equatable, Sendable {
    case short(expected: Int, received: Int)
    /// FFh means blank flash.
    case magic(received: UInt8)
    case segmentCount(Int)
    case segment(index: Int, at: Int)
    /// The header byte that says whether a digest is appended is neither 0 nor 1.
    case digestFlag(UInt8)
    case checksum(expected: UInt8, received: UInt8)
    case digest(expected: [UInt8], received: [UInt8])
}
