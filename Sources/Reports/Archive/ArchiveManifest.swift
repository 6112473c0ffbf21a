public import Provisioning

/// What an archive says of itself: whose batch it is, how it ended, where it stands on the journal's chain, and the SHA-256
/// of every file beside it. Its text is what is signed.
public struct ArchiveManifest: Sendable {
    /// Of the archive's form; a reader refuses any other.
    static let version: Int64 = 1
    static let name = "manifest.json"
    static let signatureName = "manifest.sig"

    /// Everything, as it stands in the file.
    public let json: JSONValue

    init(json: JSONValue) { self.json = json }

    /// The text that is signed.
    var text: String { JSONLines.text(json) }

    /// The order's id.
    public var order: String { json["order"]["order"].string ?? "" }
    public var quota: Int { Int(json["order"]["quota"].int ?? 0) }
    /// `closed` or `terminated`.
    public var ending: String { json["ending"].string ?? "" }
    /// The chain's place before the first record.
    var before: (seq: Int64, hash: String) { Self.place(json["chain"]["from"]) }
    /// The last record.
    public var head: (seq: Int64, hash: String) { Self.place(json["chain"]["head"]) }
    /// The public key it was signed with, 64 hexadecimal digits.
    var key: String { json["key"].string ?? "" }

    var files: [String: ArchiveFile] { (json["files"].object ?? [:]).compactMapValues { ArchiveFile($0) } }

    private static func place(_ json: JSONValue) -> (seq: Int64, hash: String) {
        (json["seq"].int ?? -1, json["hash"].string ?? "")
    }

    /// The line, from 1, on which a member of an outer object stands; nil where it does not.
    func line(of key: String, in outer: String) -> Int? {
        var isInside = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("  \(JSONValue.string(outer).text): ") { isInside = true }
            if isInside, line.hasPrefix("    \(JSONValue.string(key).text): ") { return index + 1 }
            if line == "  }" || line == "  }," { isInside = false }
        }
        return nil
    }
}
