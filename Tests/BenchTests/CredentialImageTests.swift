import Bench
import Foundation
import Provisioning
import Testing

@Suite("Credentials in regions of text and behind markers")
struct CredentialImageTests {
    private static let key = "a1ProductKey"
    private static let secret = Secret("hush-hush-hush-1")
    private static let marker = Array("@@CREDENTIAL@@".utf8)

    private func region(size: Int = 0x1000) throws -> FlashRegion {
        try KeyValueRegion.region(
            productKey: Self.key, productSecret: Self.secret, offset: 0x0800_4000, size: size, sector: 0x4000)
    }

    @Test("the region of text reads back, is padded with FF and prints no value")
    func roundTrip() throws {
        let region = try region()
        #expect(region.image.count == 0x1000 && region.sector == 0x4000 && region.offset == 0x0800_4000)
        #expect(Array(region.image[..<8]) == Array("CRED".utf8) + [1, 0, 16, 0])
        let text = Array("product_key=a1ProductKey\nproduct_secret=hush-hush-hush-1\n".utf8)
        #expect(Array(region.image[16..<16 + text.count]) == text)
        #expect(region.image[(16 + text.count)...].allSatisfy { $0 == 0xFF })
        let read = try KeyValueRegion.read(region.image)
        #expect(read.productKey == Self.key && read.productSecret == Self.secret)
        var dumped = "\(region) \(read)"
        dump(region, to: &dumped)
        #expect(!dumped.contains("hush"))
    }

    @Test("the CRC-32 is that of zlib over bytes 0 to 11 and the text")
    func checksum() throws {
        let image = try region().image
        let length = Int(image[8])
        var value: UInt32 = .max
        for byte in Array(image[..<12]) + Array(image[16..<16 + length]) {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        #expect(Array(image[12..<16]) == withUnsafeBytes(of: (~value).littleEndian) { Array($0) })
    }

    @Test("any flipped bit of header or text is found, and the error holds no value")
    func damage() throws {
        let image = try region().image
        for index in 0..<16 + Int(image[8]) {
            var damaged = image
            damaged[index] ^= 0x10
            let error = #expect(throws: CredentialImageError.self) { _ = try KeyValueRegion.read(damaged) }
            #expect(error.map { "\($0)".contains("hush") } == false)
            #expect(error?.code == (index < 4 ? .absent : .damaged))
        }
        let blank = [UInt8](repeating: 0xFF, count: 64)
        #expect(#expect(throws: CredentialImageError.self) { _ = try KeyValueRegion.read(blank) }?.code == .absent)
    }

    @Test("what does not fit or cannot be written is refused")
    func refusals() throws {
        #expect(#expect(throws: CredentialImageError.self) { _ = try region(size: 64) }?.code == .size)
        let broken = #expect(throws: CredentialImageError.self) {
            _ = try KeyValueRegion.region(
                productKey: "a\nb", productSecret: Self.secret, offset: 0, size: 4096)
        }
        #expect(broken?.code == .value)
        let named = #expect(throws: CredentialImageError.self) {
            _ = try KeyValueRegion.region(
                productKey: "a", productSecret: Self.secret, offset: 0, size: 4096, productKeyName: "a=b")
        }
        #expect(named?.code == .value)
        let missing = try region().image
        let absent = #expect(throws: CredentialImageError.self) {
            _ = try KeyValueRegion.read(missing, productKeyName: "other")
        }
        #expect(absent?.code == .value)
    }

    // MARK: - Marker

    private func image(_ filler: UInt8 = 0, capacity: Int = 96, tail: Int = 100) -> [UInt8] {
        [UInt8](repeating: 0x5A, count: 333) + Self.marker + [UInt8](repeating: filler, count: capacity)
            + [UInt8](repeating: 0xA5, count: tail)
    }

    @Test("the place behind the marker takes the credential, everything else stays", arguments: [UInt8(0), 0xFF])
    func patch(_ filler: UInt8) throws {
        let patch = try MarkerPatch(marker: Self.marker, capacity: 96)
        let image = image(filler)
        #expect(try patch.read(from: image) == nil)
        let patched = try patch.applied(to: image, productKey: Self.key, productSecret: Self.secret)
        let start = 333 + Self.marker.count
        #expect(patched.count == image.count)
        #expect(patched[..<start] == image[..<start])
        #expect(patched[(start + 96)...] == image[(start + 96)...])
        let text = Array("a1ProductKey\0hush-hush-hush-1\0".utf8)
        #expect(Array(patched[start..<start + 96]) == text + [UInt8](repeating: 0, count: 96 - text.count))
        let read = try #require(try patch.read(from: patched))
        #expect(read.productKey == Self.key && read.productSecret == Self.secret)
        let again = #expect(throws: CredentialImageError.self) {
            _ = try patch.applied(to: patched, productKey: Self.key, productSecret: Self.secret)
        }
        #expect(again?.code == .occupied)
        #expect(again.map { "\($0)".contains("hush") } == false)
    }

    @Test("a region is patched in its image only")
    func patchedRegion() throws {
        let patch = try MarkerPatch(marker: Self.marker, capacity: 96)
        let region = FlashRegion(name: "app", offset: 0x0800_8000, image: image(), sector: 0x4000)
        let patched = try patch.applied(to: region, productKey: Self.key, productSecret: Self.secret)
        #expect(patched.name == "app" && patched.offset == 0x0800_8000 && patched.sector == 0x4000)
        #expect(try patch.read(from: patched.image)?.productKey == Self.key)
    }

    @Test("no marker, two markers, too little room or a place in use are refused by name")
    func refusedImages() throws {
        let patch = try MarkerPatch(marker: Self.marker, capacity: 96)
        func code(_ image: [UInt8], _ patch: MarkerPatch) -> CredentialImageError.Code? {
            do throws(CredentialImageError) {
                _ = try patch.applied(to: image, productKey: Self.key, productSecret: Self.secret)
                return nil
            } catch { return error.code }
        }
        #expect(code([UInt8](repeating: 0, count: 500), patch) == .absent)
        #expect(code(Self.marker, try MarkerPatch(marker: Self.marker, capacity: 40)) == .size)
        #expect(code(image() + image(), patch) == .ambiguous)
        #expect(code(image(tail: 0), try MarkerPatch(marker: Self.marker, capacity: 97)) == .size)
        #expect(code(image(), try MarkerPatch(marker: Self.marker, capacity: 97)) == .occupied)
        #expect(code(image(), try MarkerPatch(marker: Self.marker, capacity: 12)) == .size)
        #expect(code([], patch) == .absent)
        #expect(throws: CredentialImageError.self) { _ = try MarkerPatch(marker: [1, 2, 3], capacity: 96) }
    }

    @Test("a check value at the end is computed anew, and one that did not fit before is refused")
    func trailers() throws {
        let body = image()
        let sha = try MarkerPatch(marker: Self.marker, capacity: 96, trailer: .sha256)
        let patched = try sha.applied(
            to: body + Digest.sha256(body), productKey: Self.key, productSecret: Self.secret)
        #expect(Array(patched.suffix(32)) == Digest.sha256(Array(patched.dropLast(32))))
        let crc = try MarkerPatch(marker: Self.marker, capacity: 96, trailer: .crc32)
        let damaged = #expect(throws: CredentialImageError.self) {
            _ = try crc.applied(to: body + [0, 0, 0, 0], productKey: Self.key, productSecret: Self.secret)
        }
        #expect(damaged?.code == .damaged)
        // Checked against the usual vector below.
        func crc32(_ bytes: [UInt8]) -> [UInt8] {
            var value: UInt32 = .max
            for byte in bytes {
                value ^= UInt32(byte)
                for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
            }
            return withUnsafeBytes(of: (~value).littleEndian) { Array($0) }
        }
        #expect(crc32(Array("123456789".utf8)) == [0x26, 0x39, 0xF4, 0xCB])
        let fresh = try crc.applied(to: body + crc32(body), productKey: Self.key, productSecret: Self.secret)
        #expect(Array(fresh.suffix(4)) == crc32(Array(fresh.dropLast(4))))
    }
}
