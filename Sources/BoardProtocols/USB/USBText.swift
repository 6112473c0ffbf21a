/// Text of a string descriptor: UTF-16, lowest byte first, behind length and kind.
///
/// Source: USB 2.0 specification, section 9.6.7.
public enum USBText {
    /// The text; nil where the bytes are no string descriptor.
    public static func parse(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 2, bytes[1] == 3, bytes[0] >= 2, Int(bytes[0]) <= bytes.count else { return nil }
        let units = stride(from: 2, to: Int(bytes[0]) - 1, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
        return String(decoding: units, as: UTF16.self)
    }
}
