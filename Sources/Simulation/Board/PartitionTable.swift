import BoardProtocols
import Crypto

/// The partition table at 8000h: which region of flash is what.
///
/// Source: ESP-IDF "Partition Tables": 32-byte entries that start with AA 50, then an entry EB EB with the MD5 of those
/// before it.
public struct PartitionTable: Equatable, Sendable {
    /// One region.
    public struct Partition: Equatable, Sendable {
        /// At most 15 bytes.
        public var label: String
        /// 0 application, 1 data.
        public var type: UInt8
        /// Application: 0 factory. Data: 1 phy, 2 nvs.
        public var subtype: UInt8
        public var offset: Int
        public var size: Int

        public init(_ label: String, type: UInt8, subtype: UInt8, offset: Int, size: Int) {
            self.label = label
            self.type = type
            self.subtype = subtype
            self.offset = offset
            self.size = size
        }
    }

    /// Where the table lies in flash.
    public static let offset = 0x8000
    /// Its length in flash.
    public static let length = 0xC00

    public var partitions: [Partition]

    public init(_ partitions: [Partition]) { self.partitions = partitions }

    /// Why a table cannot be used, in the bootloader's words.
    struct Invalid: Error, Equatable { var text: String }

    /// Parses the bytes at ``offset``.
    init(parsing bytes: [UInt8]) throws(Invalid) {
        partitions = []
        for (index, start) in stride(from: 0, to: bytes.count - 31, by: 32).enumerated() {
            let entry = Array(bytes[start..<start + 32])
            if entry[0] == 0xEB, entry[1] == 0xEB {
                guard Array(Insecure.MD5.hash(data: bytes[..<start])) == Array(entry[16..<32]) else {
                    throw Invalid(text: "calculated MD5 does not match the stored one")
                }
            } else if entry.allSatisfy({ $0 == 0xFF }) {
                guard !partitions.isEmpty else { throw Invalid(text: "partition 0 invalid magic number 0xffff") }
                return
            } else {
                guard entry[0] == 0xAA, entry[1] == 0x50, let offset = LittleEndian.u32(entry, at: 4),
                    let size = LittleEndian.u32(entry, at: 8)
                else {
                    let magic = hex(Int(entry[1]) << 8 | Int(entry[0]), digits: 4)
                    throw Invalid(text: "partition \(index) invalid magic number 0x\(magic)")
                }
                let label = String(decoding: entry[12..<28].prefix { $0 != 0 }, as: UTF8.self)
                partitions.append(
                    Partition(label, type: entry[2], subtype: entry[3], offset: Int(offset), size: Int(size)))
            }
        }
        throw Invalid(text: "partition table has no terminating entry, not valid")
    }

    /// The bytes to flash at ``offset``, with the MD5 entry, FF padded to ``length``.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for partition in partitions {
            let label = Array(partition.label.utf8.prefix(15))
            bytes += [0xAA, 0x50, partition.type, partition.subtype]
            bytes += LittleEndian.bytes(words: [UInt32(partition.offset), UInt32(partition.size)])
            bytes += label + [UInt8](repeating: 0, count: 20 - label.count)
        }
        bytes += [0xEB, 0xEB] + [UInt8](repeating: 0xFF, count: 14) + Array(Insecure.MD5.hash(data: bytes))
        return bytes + [UInt8](repeating: 0xFF, count: Self.length - bytes.count)
    }

    /// The region of this name.
    public subscript(label: String) -> Partition? { partitions.first { $0.label == label } }
}

/// `value` in hexadecimal with leading zeros.
func hex(_ value: Int, digits: Int = 1) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
