/// A memory of a DfuSe device, as the name of an alternate setting describes it:
/// `@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg`.
///
/// Source: ST UM0424, "DFU mode, interface string".
public struct DfuSeMemory: Sendable, Equatable {
    /// `count` sectors of `size` bytes each, from `address`.
    public struct Run: Sendable, Equatable {
        public let address: UInt32
        public let count: UInt32
        public let size: UInt32
        public let isReadable: Bool
        public let isErasable: Bool
        public let isWritable: Bool

        /// The first address behind it.
        public var end: UInt64 { UInt64(address) + UInt64(count) * UInt64(size) }
    }

    /// One sector, the unit of erasing.
    public struct Sector: Sendable, Equatable {
        public let range: Range<UInt64>
        public let run: Run
    }

    public let name: String
    /// In the order of the string.
    public let runs: [Run]

    /// nil where the text is no memory map: no `@`, a number that is none, a sector of no bytes, an address beyond 4 GiB.
    public init?(_ text: String) {
        guard text.first == "@" else { return nil }
        let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count % 2 == 1 else { return nil }
        var found: [Run] = []
        for index in stride(from: 1, to: parts.count, by: 2) {
            let digits = parts[index].hasPrefix("0x") || parts[index].hasPrefix("0X") ? parts[index].dropFirst(2) : ""
            guard let start = UInt32(Self.trimmed(digits), radix: 16) else { return nil }
            var address = UInt64(start)
            for part in parts[index + 1].split(separator: ",", omittingEmptySubsequences: false) {
                guard let run = Self.run(part, at: address) else { return nil }
                found.append(run)
                address = run.end
            }
        }
        name = String(Self.trimmed(parts[0]))
        runs = found
    }

    /// The sectors that `range` touches, by address; nil where a byte of it lies in none.
    public func sectors(_ range: Range<UInt64>) -> [Sector]? {
        var found: [Sector] = []
        var next = range.lowerBound
        while next < range.upperBound {
            guard let run = runs.first(where: { UInt64($0.address) <= next && next < $0.end }) else { return nil }
            let start = next - (next - UInt64(run.address)) % UInt64(run.size)
            found.append(Sector(range: start..<start + UInt64(run.size), run: run))
            next = start + UInt64(run.size)
        }
        return found
    }

    /// True where all of `range` may be read.
    public func isReadable(_ range: Range<UInt64>) -> Bool { sectors(range)?.allSatisfy(\.run.isReadable) ?? false }

    /// `NN*SSSUa`: count, size, unit (blank or B, K, M), and a letter whose low bits say readable 1, erasable 2, writable 4.
    private static func run(_ text: Substring, at address: UInt64) -> Run? {
        let text = trimmed(text)
        guard let star = text.firstIndex(of: "*"), let count = UInt32(text[..<star]), count > 0,
            let letter = text.last?.asciiValue, (0x61...0x67).contains(letter)
        else { return nil }
        var rest = text[text.index(after: star)...].dropLast()
        var factor: UInt64 = 1
        switch rest.last {
        case " ", "B": rest = rest.dropLast()
        case "K":
            factor = 1 << 10
            rest = rest.dropLast()
        case "M":
            factor = 1 << 20
            rest = rest.dropLast()
        default: break
        }
        guard let number = UInt32(rest), number > 0 else { return nil }
        let size = UInt64(number) * factor
        let (total, tooMuch) = size.multipliedReportingOverflow(by: UInt64(count))
        guard !tooMuch, size <= UInt64(UInt32.max), address <= UInt64(UInt32.max), total <= 1 << 32,
            address + total <= 1 << 32
        else { return nil }
        return Run(
            address: UInt32(address), count: count, size: UInt32(size), isReadable: letter & 1 != 0,
            isErasable: letter & 2 != 0, isWritable: letter & 4 != 0)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text = text.dropLast() }
        return text
    }
}
