public import BoardProtocols
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

    /// The chip the images are for.
    public let chip: EspressifChip
    /// Goes to ``EspressifChip/bootloaderOffset``: 1000h on the ESP32, 0 on most others.
    public let bootloader: [UInt8]
    /// Goes to 8000h.
    public let partitionTable: [UInt8]
    /// Goes to 10000h.
    public let app: [UInt8]

    /// Builds the images.
    /// - Parameters:
    ///   - version: what the firmware reports, 1 to 31 bytes.
    ///   - appSize: bytes of the application's file; a multiple of 16 from 1024 to 1 MiB.
    ///   - chip: whose image headers and addresses to use. For the ESP8266 the layout is that of its RTOS SDK 3.
    /// - Throws: ``BoardError`` with code `image`.
    public init(
        version: String, appSize: Int = 256 << 10, chip: EspressifChip = .esp32c3
    ) throws(BoardError) {
        guard (1...31).contains(version.utf8.count) else {
            throw BoardError(.image, "version \"\(version)\": expected 1 to 31 bytes")
        }
        guard appSize % 16 == 0, (1024...0x100000).contains(appSize) else {
            throw BoardError(.image, "application of \(appSize) bytes: expected a multiple of 16 from 1024 to 1048576")
        }
        self.chip = chip
        let memory = ChipModel(chip).memory
        func sha256(_ bytes: ArraySlice<UInt8>) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
        let sizes: [(bytes: Int, seed: UInt64)] = [(0x1700, 1), (0x0900, 2), (0x2F00, 3)]
        bootloader = ESPImage.build(
            entry: memory.bootloaderEntry, chipID: chip.imageChipID,
            segments: zip(memory.bootloader, sizes).map { address, part in
                ESPImage.Segment(address: address, data: Self.code(part.bytes, seed: part.seed))
            }, sha256: sha256)
        partitionTable = Self.partitions.bytes
        // 24 bytes of header, two segment headers of 8, 8 bytes up to the check value, 32 of digest. The ESP8266's
        // header has 8 bytes, and there is no digest.
        let payload = appSize - (chip.imageChipID == nil ? 32 : 80)
        let description = ESPApplication(version: version, project: "provisioning-demo").bytes
        let constants = payload / 8 / 4 * 4
        let seed = version.utf8.reduce(UInt64(appSize)) { $0 &* 31 &+ UInt64($1) }
        let first = max(description.count, constants, memory.codeLimit.map { payload - $0 } ?? 0)
        app = ESPImage.build(
            entry: memory.appEntry, chipID: chip.imageChipID,
            segments: [
                .init(address: memory.constants, data: description + Self.code(first - description.count, seed: seed)),
                .init(address: memory.code, data: Self.code(payload - first, seed: seed &+ 1)),
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
