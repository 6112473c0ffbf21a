import Foundation

/// Looks for secrets in any form in which they could have slipped out. What it reports never holds a secret itself.
struct SecretHunter: Sendable {
    /// One form of one secret.
    struct Pattern: Sendable {
        /// Its place in the list of secrets.
        let number: Int
        let form: String
        let bytes: Data
    }

    let patterns: [Pattern]

    init(_ secrets: [String]) {
        patterns = secrets.enumerated().flatMap { number, secret in
            Self.forms(of: secret).map { Pattern(number: number, form: $0.key, bytes: $0.value) }
        }
    }

    /// A secret's bytes in every form.
    static func forms(of secret: String) -> [String: Data] {
        let bytes = Array(secret.utf8)
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        var forms = [
            "raw": secret, "hex": hex.joined(), "HEX": hex.joined().uppercased(),
            "URL": secret.addingPercentEncoding(withAllowedCharacters: .urlUnreserved) ?? secret,
            "url": hex.map { "%" + $0 }.joined(), "URL of all": hex.map { "%" + $0.uppercased() }.joined(),
        ]
        for offset in 0..<3 {
            let text = base64(bytes, after: offset)
            forms["base64 at \(offset)"] = text
            forms["base64url at \(offset)"] = text.replacing("+", with: "-").replacing("/", with: "_")
        }
        return forms.mapValues { Data($0.utf8) }
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
        patterns.filter { data.range(of: $0.bytes) != nil }.map { "secret \($0.number) as \($0.form)" }
    }

    /// What stands in the files under `folder`, but for those under the folders `except`.
    /// - Returns: the finds, and how many files were read.
    func finds(under folder: String, except: [String] = []) throws -> (finds: [String], files: Int) {
        var (found, files): ([String], Int) = ([], 0)
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            if except.contains(where: { name == $0 || name.hasPrefix($0 + "/") }) { continue }
            let path = folder + "/" + name
            let type = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            guard type == .typeRegular else { continue }
            files += 1
            // A secret may hide in a file's name as well.
            found += finds(in: Data(name.utf8)).map { "\($0) in the name of \(name)" }
            found += finds(in: try bytes(of: path)).map { "\($0) in \(name)" }
        }
        return (found, files)
    }
}

extension CharacterSet {
    /// What RFC 3986 never encodes.
    fileprivate static let urlUnreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
