/// The last 16 bytes of a `.dfu` file: for which device it is meant, and a check value over all of it.
///
/// Source: USB DFU 1.1, appendix B.
public struct DFUSuffix: Sendable, Equatable {
    /// Why a file's suffix is not valid.
    public enum Failure: Error, Equatable, Sendable {
        /// Too short, or without the signature: no `.dfu` file.
        case missing
        case length(UInt8)
        case check(expected: UInt32, received: UInt32)
    }

    /// FFFFh in any of the first three stands for any device.
    public var vendor: UInt16
    public var product: UInt16
    public var device: UInt16
    /// 0100h, or 011Ah where the file has a DfuSe prefix.
    public var version: UInt16

    public static let length = 16

    public init(vendor: UInt16, product: UInt16, device: UInt16 = 0xFFFF, version: UInt16 = 0x0100) {
        (self.vendor, self.product, self.device, self.version) = (vendor, product, device, version)
    }

    /// Reads and checks the suffix of a whole file.
    /// - Returns: the suffix and what stands before it.
    public static func parse(_ file: [UInt8]) throws(Failure) -> (suffix: DFUSuffix, content: ArraySlice<UInt8>) {
        let start = file.count - length
        guard start >= 0, Array(file[start + 8..<start + 11]) == Array("UFD".utf8) else { throw .missing }
        // Longer suffixes are allowed; what is added stands before the fields known here.
        let size = Int(file[start + 11])
        guard size >= length, size <= file.count else { throw .length(file[start + 11]) }
        let number = { (offset: Int) in LittleEndian.u16(file, at: start + offset) ?? 0 }
        let expected = check(file.dropLast(4))
        let received = LittleEndian.u32(file, at: start + 12) ?? 0
        guard expected == received else { throw .check(expected: expected, received: received) }
        let suffix = DFUSuffix(vendor: number(4), product: number(2), device: number(0), version: number(6))
        return (suffix, file[..<(file.count - size)])
    }

    /// `content` with this suffix behind it.
    public func appended(to content: [UInt8]) -> [UInt8] {
        var file = content + LittleEndian.bytes(device) + LittleEndian.bytes(product) + LittleEndian.bytes(vendor)
        file += LittleEndian.bytes(version) + Array("UFD".utf8) + [UInt8(Self.length)]
        return file + LittleEndian.bytes(Self.check(file))
    }

    /// True where the file is meant for the device.
    public func fits(vendor: UInt16, product: UInt16) -> Bool {
        (self.vendor == 0xFFFF || self.vendor == vendor) && (self.product == 0xFFFF || self.product == product)
    }

    /// CRC-32, reflected, preset to ones, not inverted at the end: the complement of the usual one.
    private static func check(_ bytes: some Sequence<UInt8>) -> UInt32 { DFUCheck.value(bytes) }
}

/// The check value of `.dfu` files.
enum DFUCheck {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    static func value(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(UInt32.max) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
    }
}
