/// The unit tag in a board's flash: a random number that the station writes at the first flash and reads when the board
/// returns. It tells two boards with one identity apart where the hardware UID cannot.
///
/// Layout: the four bytes `UTAG`, then 32 hexadecimal digits in ASCII; the rest of the sector stays erased.
public enum UnitTag {
    /// Bytes in flash.
    public static let length = 36
    private static let magic = Array("UTAG".utf8)

    /// A new tag, 32 upper-case hexadecimal digits.
    public static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return Digest.hex((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }).uppercased()
    }

    /// What is written.
    public static func image(_ tag: String) -> [UInt8] { magic + Array(tag.utf8) }

    /// The tag in these bytes; nil where there is none, or something else.
    public static func read(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= length, Array(bytes[..<4]) == magic else { return nil }
        return text(Array(bytes[4..<length]))
    }

    /// These bytes as the text of a tag; nil where they are something else.
    static func text(_ digits: [UInt8]) -> String? {
        let isTag =
            digits.count == length - magic.count
            && digits.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }
        return isTag ? String(decoding: digits, as: UTF8.self) : nil
    }

    /// What two readings in a row say: answers of a board may carry no check value.
    static func agreed(_ read: () throws(LoaderError) -> String?) throws(LoaderError) -> String? {
        for _ in 0..<3 {
            let first = try read()
            if try read() == first { return first }
        }
        throw LoaderError(
            .noise, "three pairs of readings of the unit tag differed: check cable, rate and power")
    }
}
