/// One 4096-byte page of an NVS partition: header, state bitmap, 126 entries of 32 bytes.
///
/// Source: ESP-IDF NVS page, "Structure of page" and "Structure of entry"; format version 2 (blobs in chunks).
struct NVSPage: Equatable, Sendable {
    static let size = 4096
    static let entrySize = 32
    static let entryCount = 126
    /// Entry bytes in a page behind one entry header.
    static let largestChunk = (entryCount - 1) * entrySize

    enum State: UInt32 {
        case blank = 0xFFFF_FFFF
        case active = 0xFFFF_FFFE
        case full = 0xFFFF_FFFC
        case freeing = 0xFFFF_FFF8
    }

    /// State of one entry: two bits, low bits first.
    enum Slot: UInt8 {
        case empty = 3
        case written = 2
        case erased = 0
    }

    static let string: UInt8 = 0x21
    static let blobData: UInt8 = 0x42
    static let blobIndex: UInt8 = 0x48

    private(set) var bytes: [UInt8]

    /// A page of erased flash.
    init() { bytes = [UInt8](repeating: 0xFF, count: Self.size) }

    /// A page as it lies in flash.
    init(_ bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }

    /// A fresh active page.
    init(sequence: UInt32) {
        self.init()
        bytes.replaceSubrange(4..<8, with: LittleEndian.bytes(sequence))
        bytes[8] = 0xFE
        bytes.replaceSubrange(28..<32, with: LittleEndian.bytes(CRC32.nvs(bytes[4..<28])))
        setState(.active)
    }

    var isErased: Bool { bytes.allSatisfy { $0 == 0xFF } }
    var state: State? { LittleEndian.u32(bytes, at: 0).flatMap(State.init) }
    var sequence: UInt32 { LittleEndian.u32(bytes, at: 4) ?? 0 }
    var version: UInt8 { bytes[8] }
    var storedHeaderCRC: UInt32 { LittleEndian.u32(bytes, at: 28) ?? 0 }
    var headerCRC: UInt32 { CRC32.nvs(bytes[4..<28]) }

    mutating func setState(_ state: State) { bytes.replaceSubrange(0..<4, with: LittleEndian.bytes(state.rawValue)) }

    /// State of entry `index`; nil for the bit pattern that must not occur.
    func slot(_ index: Int) -> Slot? { Slot(rawValue: bytes[32 + index / 4] >> UInt8(index % 4 * 2) & 3) }

    mutating func setSlot(_ index: Int, _ slot: Slot) {
        let shift = UInt8(index % 4 * 2)
        bytes[32 + index / 4] = bytes[32 + index / 4] & ~(3 << shift) | slot.rawValue << shift
    }

    /// First entry that was never written.
    var next: Int { (0..<Self.entryCount).last { slot($0) != .empty }.map { $0 + 1 } ?? 0 }
    var free: Int { Self.entryCount - next }
    var erasedCount: Int { (0..<Self.entryCount).count { slot($0) == .erased } }

    func entry(_ index: Int) -> Header { Header(bytes: Array(bytes[64 + index * 32..<96 + index * 32])) }

    /// The `count` bytes behind entry `index`.
    func payload(after index: Int, count: Int) -> [UInt8] {
        Array(bytes[96 + index * 32..<96 + index * 32 + count])
    }

    /// Writes an entry and the bytes behind it, FF padded, at ``next``, and marks them written.
    mutating func append(_ header: Header, payload: [UInt8] = []) {
        let start = next
        let span = 1 + (payload.count + 31) / 32
        let position = 64 + start * 32
        bytes.replaceSubrange(position..<position + 32, with: header.sealed)
        bytes.replaceSubrange(position + 32..<position + 32 + payload.count, with: payload)
        for index in start..<start + span { setSlot(index, .written) }
    }

    /// Marks an entry and what belongs to it erased, as firmware does: the bytes stay.
    mutating func erase(_ index: Int) {
        let span = max(1, Int(entry(index).span))
        for slot in index..<min(index + span, Self.entryCount) { setSlot(slot, .erased) }
    }

    /// The first 32 bytes of an item.
    struct Header: Equatable, Sendable {
        var bytes: [UInt8]

        init(bytes: [UInt8]) { self.bytes = bytes }

        init(namespace: UInt8, type: UInt8, span: UInt8, chunk: UInt8 = 0xFF, key: String, data: [UInt8]) {
            let name = Array(key.utf8)
            bytes = [namespace, type, span, chunk, 0, 0, 0, 0] + name + [UInt8](repeating: 0, count: 16 - name.count)
            bytes += data + [UInt8](repeating: 0xFF, count: 8 - data.count)
        }

        /// The header of a string or a blob chunk with its length and check value.
        init(namespace: UInt8, type: UInt8, chunk: UInt8 = 0xFF, key: String, payload: [UInt8]) {
            self.init(
                namespace: namespace, type: type, span: UInt8(1 + (payload.count + 31) / 32), chunk: chunk, key: key,
                data: LittleEndian.bytes(UInt16(payload.count)) + [0xFF, 0xFF]
                    + LittleEndian.bytes(CRC32.nvs(payload)))
        }

        var namespace: UInt8 { bytes[0] }
        var type: UInt8 { bytes[1] }
        var span: UInt8 { bytes[2] }
        var chunk: UInt8 { bytes[3] }
        var key: String { String(decoding: bytes[8..<24].prefix { $0 != 0 }, as: UTF8.self) }
        var data: [UInt8] { Array(bytes[24..<32]) }
        var storedCRC: UInt32 { LittleEndian.u32(bytes, at: 4) ?? 0 }
        var crc: UInt32 { CRC32.nvs(bytes[0..<4] + bytes[8..<32]) }
        /// The bytes with the check value filled in.
        var sealed: [UInt8] { Array(bytes[0..<4]) + LittleEndian.bytes(crc) + Array(bytes[8..<32]) }
    }
}
