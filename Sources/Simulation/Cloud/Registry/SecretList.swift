import Foundation
import Glibc

/// The JSON file that lists every secret a stand-in ever held or issued, one a line; it only grows.
///
/// A secret is written in place over the closing bracket, so that ten thousand of them are not rewritten for each new
/// one. A run that was killed while writing may leave the last line torn; the next one reads what is whole.
struct SecretList {
    private let path: String
    private var descriptor: OwnedFile
    /// Bytes up to and including the last secret, without the end of the list.
    private var length: Int
    private var isEmpty: Bool

    /// Writes the list of `secrets` whole and keeps it open.
    init(path: String, secrets: [String]) throws {
        self.path = path
        let body = "[\n" + secrets.map(Self.line).joined(separator: ",\n")
        try PrivateFile.replace(path, with: Array((body + Self.end).utf8))
        descriptor = try OwnedFile(path, O_WRONLY)
        (length, isEmpty) = (body.utf8.count, secrets.isEmpty)
    }

    /// Adds secrets at the end. Blocks.
    mutating func append(_ secrets: [String]) throws {
        guard !secrets.isEmpty else { return }
        let body = (isEmpty ? "" : ",\n") + secrets.map(Self.line).joined(separator: ",\n")
        try descriptor.write(Array((body + Self.end).utf8), at: length)
        (length, isEmpty) = (length + body.utf8.count, false)
    }

    /// The secrets that earlier runs listed; none where there is no file.
    static func read(path: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        if let whole = try? JSONDecoder().decode([String].self, from: data) { return whole }
        let lines = data.split(separator: UInt8(ascii: "\n")).dropFirst()
        let secrets = lines.compactMap { line in
            let text = line.last == UInt8(ascii: ",") ? line.dropLast() : line
            return (try? JSONDecoder().decode([String].self, from: Data("[".utf8) + text + Data("]".utf8)))?.first
        }
        guard data.first == UInt8(ascii: "["), !secrets.isEmpty else {
            throw CloudStandInError(
                code: .file, sentence: "\(path) is not a list of secrets: move it away or name another file")
        }
        return secrets
    }

    private static let end = "\n]\n"

    private static func line(_ secret: String) -> String { "  \(CloudJSON.string(secret).text)" }
}
