import Foundation

/// Looks for secrets in any form in which they could have slipped out. What it reports never holds a secret itself.
struct SecretHunter: Sendable {
    /// One form of one secret.
    struct Pattern: Sendable {
        /// Its place in the list of secrets.
        let number: Int
        let form: String
        let bytes: [UInt8]
    }

    let patterns: [Pattern]
    /// The places in `patterns` by the first two bytes.
    private let starts: [[Int]]

    init(_ secrets: [String]) {
        var starts = [[Int]](repeating: [], count: 1 << 16)
        let patterns = secrets.enumerated().flatMap { number, secret in
            Self.forms(of: secret).sorted { $0.key < $1.key }
                .map { Pattern(number: number, form: $0.key, bytes: Array($0.value)) }
        }
        for (place, pattern) in patterns.enumerated() {
            starts[Int(pattern.bytes[0]) << 8 | Int(pattern.bytes[1])].append(place)
        }
        (self.patterns, self.starts) = (patterns, starts)
    }

    /// The fewest bytes that a cut form must have left to be told from chance.
    private static let shortest = 8

    /// A secret's bytes in every form.
    static func forms(of secret: String) -> [String: Data] {
        let bytes = Array(secret.utf8)
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        var forms = [
            "raw": secret, "hex": hex.joined(), "HEX": hex.joined().uppercased(),
            "URL": secret.addingPercentEncoding(withAllowedCharacters: .urlUnreserved) ?? secret,
            "url": hex.map { "%" + $0 }.joined(), "URL of all": hex.map { "%" + $0.uppercased() }.joined(),
        ].mapValues { Array($0.utf8) }
        for offset in 0..<3 {
            let text = base64(bytes, after: offset)
            forms["base64 at \(offset)"] = Array(text.utf8)
            forms["base64url at \(offset)"] = Array(
                text.replacing("+", with: "-").replacing("/", with: "_").utf8)
        }
        forms["reversed"] = bytes.reversed()
        for (name, changed) in words(bytes) where changed.count >= shortest { forms[name] = changed }
        return forms.mapValues { Data($0) }
    }

    /// The secret as a dump of words shows it: the bytes of each word turned around, or the words from last to first. The
    /// secret may begin anywhere in a word; what its neighbours decide is left out.
    private static func words(_ bytes: [UInt8]) -> [(String, [UInt8])] {
        [2, 4, 8].flatMap { size in
            (0..<size).flatMap { offset in
                let words = stride(from: offset, to: bytes.count - size + 1, by: size).map {
                    Array(bytes[$0..<$0 + size])
                }
                // One word alone is the same from last to first.
                let backwards = words.count > 1 ? words.reversed().flatMap { $0 } : []
                return [
                    ("words of \(size) at \(offset)", words.flatMap { $0.reversed() }),
                    ("words of \(size) at \(offset) backwards", backwards),
                ]
            }
        }
    }

    /// The base64 characters that only the secret decides when `offset` bytes of others stand before it in its group of
    /// three, whatever stands before and after.
    private static func base64(_ bytes: [UInt8], after offset: Int) -> String {
        let text = Array(Data([UInt8](repeating: 0, count: offset) + bytes).base64EncodedString())
        let (first, end) = ((8 * offset + 5) / 6, 8 * (offset + bytes.count) / 6)
        return String(text[first..<end])
    }

    /// The forms of secrets that stand in `data`.
    func finds(in data: Data) -> [String] {
        var found: Set<Int> = []
        data.withUnsafeBytes { buffer in
            guard let base = buffer.bindMemory(to: UInt8.self).baseAddress, buffer.count > 1 else { return }
            starts.withUnsafeBufferPointer { starts in
                for place in 0..<buffer.count - 1 {
                    let candidates = starts[Int(base[place]) << 8 | Int(base[place + 1])]
                    if candidates.isEmpty { continue }
                    for number in candidates where !found.contains(number) {
                        let pattern = patterns[number].bytes
                        guard place + pattern.count <= buffer.count else { continue }
                        if memcmp(base + place, pattern, pattern.count) == 0 { found.insert(number) }
                    }
                }
            }
        }
        return found.sorted().map { "secret \(patterns[$0].number) as \(patterns[$0].form)" }
    }

    /// What stands in the files under `folder`, but for those under the folders `except`.
    /// - Returns: the finds, and how many files were read.
    func finds(under folder: String, except: [String] = []) throws -> (finds: [String], files: Int) {
        var (found, files): ([String], Int) = ([], 0)
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            if except.contains(where: { name == $0 || name.hasPrefix($0 + "/") }) { continue }
            let path = folder + "/" + name
            // A file that went away while the station runs is in no listing any more.
            guard let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType,
                type == .typeRegular, let content = try? bytes(of: path)
            else { continue }
            files += 1
            // A secret may hide in a file's name as well.
            found += finds(in: Data(name.utf8)).map { "\($0) in the name of \(name)" }
            found += finds(in: content).map { "\($0) in \(name)" }
        }
        return (found, files)
    }
}

extension CharacterSet {
    /// What RFC 3986 never encodes.
    fileprivate static let urlUnreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
