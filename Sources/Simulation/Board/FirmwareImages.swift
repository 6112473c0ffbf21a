import BoardProtocols
import Crypto
public import Foundation

/// A small release for simulated boards: bootloader, partition table and application, with valid headers and digests.
///
/// The same version and size give the same bytes. About half of an application's bytes is what zlib leaves of them,
/// as with real machine code.
public struct FirmwareImages: Equatable, Sendable {
    /// The regions of the demo's boards: `nvs` is the firmware's own, `cred` the station's.
    public static let partitions = PartitionTable([
        .init("nvs", type: 1, subtype: 2, offset: 0x9000, size: 0x6000),
        .init("phy_init", type: 1, subtype: 1, offset: 0xF000, size: 0x1000),
        .init("factory", type: 0, subtype: 0, offset: 0x10000, size: 0x100000),
        .init("cred", type: 1, subtype: 2, offset: 0x110000, size: 0x3000),
    ])

    /// Goes to 0.
    public let bootloader: [UInt8]
    /// Goes to 8000h.
    public let partitionTable: [UInt8]
    /// Goes to 10000h.
    public let app: [UInt8]

    /// Builds the images.
    /// - Parameters:
    ///   - version: what the firmware reports, 1 to 31 bytes.
    ///   - appSize: bytes of the application's file; a multiple of 16 from 1024 to 1 MiB.
    /// - Throws: ``BoardError`` with code `image`.
    public init(version: String, appSize: Int = 256 << 10) throws(BoardError) {
        guard (1...31).contains(version.utf8.count) else {
            throw BoardError(.image, "version \"\(version)\": expected 1 to 31 bytes")
        }
        guard appSize % 16 == 0, (1024...0x100000).contains(appSize) else {
            throw BoardError(.image, "application of \(appSize) bytes: expected a multiple of 16 from 1024 to 1048576")
        }
        let chip: UInt16 = 5
        func sha256(_ bytes: ArraySlice<UInt8>) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
        bootloader = ESPImage.build(
            entry: 0x403C_C710, chipID: chip,
            segments: [
                .init(address: 0x3FCD_5820, data: Self.code(0x1700, seed: 1)),
                .init(address: 0x403C_C710, data: Self.code(0x0900, seed: 2)),
                .init(address: 0x403C_E710, data: Self.code(0x2F00, seed: 3)),
            ], sha256: sha256)
        partitionTable = Self.partitions.bytes
        // 24 bytes of header, two segment headers of 8, 8 bytes up to the check value, 32 of digest.
        let payload = appSize - 80
        let description = ESPApplication(version: version, project: "provisioning-demo").bytes
        let constants = payload / 8 / 4 * 4
        let seed = version.utf8.reduce(UInt64(appSize)) { $0 &* 31 &+ UInt64($1) }
        let first = max(description.count, constants)
        app = ESPImage.build(
            entry: 0x4038_0F00, chipID: chip,
            segments: [
                .init(address: 0x3C00_0020, data: description + Self.code(first - description.count, seed: seed)),
                .init(address: 0x4200_0020, data: Self.code(payload - first, seed: seed &+ 1)),
            ], sha256: sha256)
    }

    /// Writes `bootloader.bin`, `partition-table.bin` and `app.bin` into `folder`, which is made where it is missing.
    public func write(to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(bootloader).write(to: folder.appendingPathComponent("bootloader.bin"))
        try Data(partitionTable).write(to: folder.appendingPathComponent("partition-table.bin"))
        try Data(app).write(to: folder.appendingPathComponent("app.bin"))
    }

    /// `count` bytes (cut to a multiple of 4) that compress like machine code: instructions that repeat in short
    /// sequences, with new ones between them.
    static func code(_ count: Int, seed: UInt64) -> [UInt8] {
        var noise = LineNoise(seed: seed)
        let sequences = (0..<512).map { _ in (0..<4).map { _ in UInt32(truncatingIfNeeded: noise.next()) } }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let target = UnsafeMutableRawBufferPointer(buffer)
            var words: ArraySlice<UInt32> = []
            for index in stride(from: 0, to: count - count % 4, by: 4) {
                if words.isEmpty {
                    let roll = noise.next()
                    let known = sequences[Int(roll >> 48) % 512]
                    words = roll % 8 < 5 ? [UInt32(truncatingIfNeeded: roll >> 16)] : known[...]
                }
                target.storeBytes(of: words.removeFirst().littleEndian, toByteOffset: index, as: UInt32.self)
            }
            initialized = count - count % 4
        }
    }
}
