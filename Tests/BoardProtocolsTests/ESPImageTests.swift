import BoardProtocols
import Testing

@Suite struct ESPImageTests {
    /// Stands in for SHA-256: any function of 32 bytes that every input byte changes.
    private static func digest(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        (0..<32).map { index in
            bytes.reduce(UInt8(index)) { ($0 &* 31) &+ $1 &+ 1 }
        }
    }

    private static func build(_ segments: [ESPImage.Segment]) -> [UInt8] {
        ESPImage.build(entry: 0x4038_0000, chipID: 5, segments: segments, sha256: digest)
    }

    @Test("an image is read back as it was built, whatever lies behind it", arguments: [0, 1, 15, 16, 17, 400])
    func roundTrip(_ size: Int) throws {
        let application = ESPApplication(version: "1.4.2", project: "plug")
        let segments = [
            ESPImage.Segment(address: 0x3C00_0020, data: application.bytes + [UInt8](repeating: 9, count: size)),
            ESPImage.Segment(address: 0x4038_0000, data: [UInt8](repeating: 0xA5, count: size)),
        ]
        let bytes = Self.build(segments)
        let image = try ESPImage(parsing: bytes + [0xFF, 0xFF], sha256: Self.digest)
        #expect(image.segments == segments)
        #expect(image.entry == 0x4038_0000)
        #expect(image.chipID == 5)
        #expect(image.length == bytes.count)
        #expect(image.length % 16 == 0)
        #expect(image.application == application)
    }

    @Test("no single flipped bit passes")
    func flippedBits() {
        let bytes = Self.build([ESPImage.Segment(address: 0x4038_0000, data: Array(0..<40))])
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x10
            #expect(throws: ESPImageError.self, "byte \(index)") {
                try ESPImage(parsing: damaged, sha256: Self.digest)
            }
        }
    }

    @Test("blank flash is named by its magic byte")
    func blank() {
        #expect(throws: ESPImageError.magic(received: 0xFF)) {
            try ESPImage(parsing: [UInt8](repeating: 0xFF, count: 64), sha256: Self.digest)
        }
    }

    @Test("an image cut short anywhere is refused")
    func cut() {
        let bytes = Self.build([ESPImage.Segment(address: 0x4038_0000, data: Array(0..<40))])
        for length in 0..<bytes.count {
            #expect(throws: ESPImageError.self) { try ESPImage(parsing: Array(bytes[..<length]), sha256: Self.digest) }
        }
    }

    @Test("an ESP8266 image has a header of 8 bytes, no chip id and no digest")
    func esp8266() throws {
        let segments = [ESPImage.Segment(address: 0x4010_0000, data: [1, 2, 3, 4])]
        let bytes = ESPImage.build(entry: 0x4010_0004, chipID: nil, segments: segments, sha256: Self.digest)
        #expect(bytes.count == 32)
        let image = try ESPImage(parsing: bytes, extendedHeader: false, sha256: Self.digest)
        #expect(image.chipID == nil)
        #expect(image.segments == segments)
        #expect(image.storedDigest == nil)
        #expect(image.length == 32)
    }
}
