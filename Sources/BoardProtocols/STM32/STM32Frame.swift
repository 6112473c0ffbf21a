/// The bytes that follow a command, and the single bytes that answer it.
///
/// All numbers are big-endian; each frame ends with the XOR of its bytes. Source: ST AN3155, sections "Read Memory
/// command" to "Extended Erase Memory command".
public enum STM32Frame {
    /// Sent once after reset; the loader measures its rate on it.
    public static let synchronise: UInt8 = 0x7F
    public static let acknowledge: UInt8 = 0x79
    public static let refuse: UInt8 = 0x1F
    /// The most bytes one read or write carries.
    public static let block = 256

    /// The check byte of a frame.
    public static func xor(_ bytes: some Sequence<UInt8>) -> UInt8 { bytes.reduce(0, ^) }

    /// An address with its check byte.
    public static func address(_ address: UInt32) -> [UInt8] { checked(bigEndian(address)) }

    /// How many bytes to read, 1 to 256, and the complement.
    public static func readLength(_ count: Int) -> [UInt8] {
        precondition((1...block).contains(count), "a read carries 1 to 256 bytes")
        let last = UInt8(count - 1)
        return [last, ~last]
    }

    /// 1 to 256 bytes to write; their number must be a multiple of four.
    public static func data(_ bytes: [UInt8]) -> [UInt8] {
        precondition((1...block).contains(bytes.count) && bytes.count % 4 == 0, "a write carries 4 to 256 bytes")
        return checked([UInt8(bytes.count - 1)] + bytes)
    }

    /// Pages for ``STM32Command/erase``, 1 to 255 of them. The code for the whole flash cannot be made.
    public static func erase(_ pages: [UInt8]) -> [UInt8] {
        precondition((1...255).contains(pages.count), "an erase names 1 to 255 pages")
        return checked([UInt8(pages.count - 1)] + pages)
    }

    /// Pages for ``STM32Command/extendedErase``, 1 to 65,520 of them. The codes FFFFh to FFF0h for whole banks cannot
    /// be made.
    public static func extendedErase(_ pages: [UInt16]) -> [UInt8] {
        precondition((1...0xFFF0).contains(pages.count), "an extended erase names 1 to 65520 pages")
        return checked(bigEndian(UInt16(pages.count - 1)) + pages.flatMap { bigEndian($0) })
    }

    /// Whether the last byte is the XOR of those before it.
    public static func isIntact(_ frame: some BidirectionalCollection<UInt8>) -> Bool {
        frame.count > 1 && xor(frame) == 0
    }

    /// The big-endian number that the bytes are.
    public static func number(_ bytes: some Sequence<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }

    private static func checked(_ bytes: [UInt8]) -> [UInt8] { bytes + [xor(bytes)] }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
