/// Makes inputs out of inputs: some changes in a row, of the kinds by which parsers break.
public struct Mutator: Sendable {
    /// Numbers at the edges of their types.
    private static let edges: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0,
        0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, .max,
    ]
    /// What numbers in texts become.
    private static let numbers: [[UInt8]] = [
        "0", "-1", "255", "256", "65535", "65536", "2147483648", "4294967295", "4294967296", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "18446744073709551616", "1e400", "0x7fffffffffffffff", "NaN",
        "00000000000000000001", "٣", "½", "",
    ].map { Array($0.utf8) }
    /// What breaks texts.
    private static let pieces: [[UInt8]] =
        [
            "\u{0}", "\"", "'", "\\", "\n", "\r\n", "\u{FEFF}", "\u{301}", "\u{202E}", "😀", "\u{1D}", "{", "}", "[",
            "]",
            ",", ":", "=", "%00", "../", "[[[[[[[[[[[[[[[[", "{{{{{{{{{{{{{{{{",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x80],
        ]

    private var random: SeededRandom
    private let words: [[UInt8]]
    private let limit: Int

    /// - Parameters:
    ///   - words: of the format, put in at random places.
    ///   - limit: longest input, in bytes.
    public init(random: SeededRandom, words: [[UInt8]], limit: Int) {
        (self.random, self.words, self.limit) = (random, words + Self.pieces, limit)
    }

    /// One to six changes to one of `seeds`.
    public mutating func input(from seeds: [[UInt8]]) -> [UInt8] {
        var bytes = seeds.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...6, using: &random) { change(&bytes, seeds) }
        return Array(bytes.prefix(limit))
    }

    private mutating func change(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<11, using: &random) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 1 where place < bytes.count: bytes[place] = .random(in: 0...255, using: &random)
        case 2: bytes.insert(.random(in: 0...255, using: &random), at: place)
        case 3: bytes.removeSubrange(place..<end(of: bytes, from: place))
        case 4: bytes.insert(contentsOf: Array(bytes[place..<end(of: bytes, from: place)]), at: place)
        case 5: bytes.removeSubrange(place...)
        case 6: overwrite(&bytes, at: place)
        case 7: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: place)
        case 8: number(&bytes, from: place)
        case 9:
            let other = seeds.randomElement(using: &random) ?? []
            bytes = Array(bytes[..<place]) + other.suffix(Int.random(in: 0...other.count, using: &random))
        default:
            let again = Array(bytes[place..<end(of: bytes, from: place)])
            let count = min(Int.random(in: 2...64, using: &random), limit / max(1, again.count))
            bytes.insert(contentsOf: (0..<count).flatMap { _ in again }, at: place)
        }
    }

    /// Some bytes on, often few.
    private mutating func end(of bytes: [UInt8], from place: Int) -> Int {
        let most = Bool.random(using: &random) ? 8 : bytes.count
        return min(bytes.count, place + Int.random(in: 0...max(most, 1), using: &random))
    }

    /// Puts an edge of 1, 2, 4 or 8 bytes over what stands there, in either order.
    private mutating func overwrite(_ bytes: inout [UInt8], at place: Int) {
        let edge = Self.edges.randomElement(using: &random) ?? 0
        let width = [1, 2, 4, 8].randomElement(using: &random) ?? 1
        var piece = (0..<width).map { UInt8(truncatingIfNeeded: edge >> UInt64(8 * $0)) }
        if Bool.random(using: &random) { piece.reverse() }
        bytes.replaceSubrange(place..<min(bytes.count, place + width), with: piece)
    }

    /// Puts another number in the place of the next run of digits.
    private mutating func number(_ bytes: inout [UInt8], from place: Int) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let start = bytes[place...].firstIndex(where: digits.contains) else { return }
        let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: Self.numbers.randomElement(using: &random) ?? [])
    }
}
