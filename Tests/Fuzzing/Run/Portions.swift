/// What an incremental decoder makes of bytes must not depend on how they are cut.
public enum Portions {
    /// Throws ``Broken`` where `decode`, given the bytes in portions, finds other items than given them at once: byte by
    /// byte, cut once at each place of short inputs, and in portions of the input's own choice.
    public static func check<Item: Equatable>(
        _ bytes: [UInt8], _ decode: ([ArraySlice<UInt8>]) -> [Item]
    ) throws(Broken) {
        let whole = decode([bytes[...]])
        func compare(_ portions: [ArraySlice<UInt8>], _ how: String) throws(Broken) {
            let found = decode(portions)
            guard found != whole else { return }
            let index = zip(found, whole).enumerated().first { $1.0 != $1.1 }?.offset ?? min(found.count, whole.count)
            throw Broken("\(how): \(found.count) items for \(whole.count) at once; item \(index) differs")
        }
        try compare(bytes.indices.map { bytes[$0...$0] }, "byte by byte")
        if bytes.count <= 48 {
            for cut in bytes.indices { try compare([bytes[..<cut], bytes[cut...]], "cut at \(cut)") }
        } else {
            var portions: [ArraySlice<UInt8>] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + 1 + Int(bytes[start] & 31))
                portions.append(bytes[start..<end])
                start = end
            }
            try compare(portions, "in portions")
        }
    }
}
