/// A value in an NVS partition. Its textual form shows type and size only: NVS holds credentials.
public enum NVSValue: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    case u8(UInt8), i8(Int8), u16(UInt16), i16(Int16), u32(UInt32), i32(Int32), u64(UInt64), i64(Int64)
    case string(String)
    case blob([UInt8])

    public var description: String {
        switch self {
        case .string(let text): "<string, \(text.utf8.count) bytes>"
        case .blob(let bytes): "<blob, \(bytes.count) bytes>"
        default: "<\(primitive?.bytes.count ?? 0)-byte number>"
        }
    }

    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The text of a string value.
    public var text: String? { if case .string(let text) = self { text } else { nil } }

    /// Type byte and bytes of a number; nil for string and blob.
    var primitive: (type: UInt8, bytes: [UInt8])? {
        switch self {
        case .u8(let number): (0x01, LittleEndian.bytes(number))
        case .i8(let number): (0x11, LittleEndian.bytes(number))
        case .u16(let number): (0x02, LittleEndian.bytes(number))
        case .i16(let number): (0x12, LittleEndian.bytes(number))
        case .u32(let number): (0x04, LittleEndian.bytes(number))
        case .i32(let number): (0x14, LittleEndian.bytes(number))
        case .u64(let number): (0x08, LittleEndian.bytes(number))
        case .i64(let number): (0x18, LittleEndian.bytes(number))
        case .string, .blob: nil
        }
    }

    /// The number of this type byte in the first of `data`; nil where the type is no number.
    static func primitive(type: UInt8, data: [UInt8]) -> NVSValue? {
        let raw = LittleEndian.u64(data, at: 0) ?? 0
        return switch type {
        case 0x01: .u8(UInt8(truncatingIfNeeded: raw))
        case 0x11: .i8(Int8(truncatingIfNeeded: raw))
        case 0x02: .u16(UInt16(truncatingIfNeeded: raw))
        case 0x12: .i16(Int16(truncatingIfNeeded: raw))
        case 0x04: .u32(UInt32(truncatingIfNeeded: raw))
        case 0x14: .i32(Int32(truncatingIfNeeded: raw))
        case 0x08: .u64(raw)
        case 0x18: .i64(Int64(bitPattern: raw))
        default: nil
        }
    }
}

/// What is wrong with an NVS partition, or cannot be put into one. Offsets are bytes from the partition's start.
public enum NVSError: Error, Equatable, Sendable {
    /// Not a multiple of 4096, or under 12,288 bytes.
    case size(Int)
    /// A key or namespace name is empty or longer than 15 bytes.
    case key(String)
    /// More bytes than fit: a string must lie in one page.
    case valueTooLong(key: String, bytes: Int, limit: Int)
    /// The partition has no room left.
    case full
    case headerCRC(page: Int, expected: UInt32, received: UInt32)
    case entryCRC(offset: Int, expected: UInt32, received: UInt32)
    case dataCRC(offset: Int, expected: UInt32, received: UInt32)
    /// A span, type, state or index that cannot be.
    case malformed(offset: Int)
    /// An encrypted or an older page format.
    case version(page: Int, received: UInt8)
    /// Not 64 bytes of encryption keys, or 64 whose halves are the same, which XTS forbids.
    case keys(bytes: Int)
    /// The check value in an image of the key partition does not fit its keys. Neither is told: they are secret.
    case keyCRC
    /// The cryptographic library refused the cipher.
    case cipher
}
