import Provisioning

/// Reads progress out of a program's lines; it never goes back.
struct ToolProgress {
    let pattern: ConsolePattern?
    /// Bytes in all.
    let total: Int
    private var last = 0

    init(pattern: ConsolePattern?, total: Int) {
        self.pattern = pattern
        self.total = total
    }

    /// Bytes written by now, where the line tells more than the one before did.
    mutating func bytes(in line: String) -> Int? {
        guard let groups = pattern?.captures(in: line), let first = groups.first ?? nil else { return nil }
        let share: Double
        if groups.count > 1 {
            guard let sent = Self.number(first), let all = groups[1].flatMap(Self.number), all > 0 else { return nil }
            share = sent / all
        } else {
            // Double reads "nan" and "inf" too.
            guard let percent = Double(first), percent.isFinite else { return nil }
            share = percent / 100
        }
        let bytes = Int(Double(total) * min(max(share, 0), 1))
        guard bytes > last else { return nil }
        last = bytes
        return bytes
    }

    private static func number(_ text: String) -> Double? {
        let number = text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text.filter { $0 != "," })
        return number.map(Double.init)
    }
}
