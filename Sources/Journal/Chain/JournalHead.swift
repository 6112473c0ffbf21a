import Foundation
import Provisioning

/// The place the chain had reached at the last conclude, kept in a file beside the database.
///
/// A journal that was truncated after it no longer holds this place, and verification says so. Who rewrites both is not
/// caught here: the plant, a closed batch or a backup does that.
public struct JournalHead: Hashable, Sendable {
    public let seq: Int64
    /// 64 lower-case hexadecimal digits.
    public let hash: String

    public init(seq: Int64, hash: String) { (self.seq, self.hash) = (seq, hash) }

    static func path(in folder: String) -> String { folder + "/head" }

    /// Reads the head; nil when none was written yet.
    /// - Throws: ``JournalError`` with `broken` when the file is there but is no head, `folder` when it cannot be read.
    static func read(in folder: String) throws -> JournalHead? {
        guard let bytes = try DurableFile.read(path(in: folder)) else { return nil }
        guard let value = try? JSONValue(parsing: String(decoding: bytes, as: UTF8.self)), let seq = value["seq"].int,
            let hash = value["hash"].string, hash.count == 64
        else { throw JournalError(.broken, "\(path(in: folder)) is not a journal head; restore it from a backup") }
        return JournalHead(seq: seq, hash: hash)
    }

    /// Writes the head so that a power loss leaves the old or the new one whole.
    func write(in folder: String) throws {
        let value: JSONValue = ["seq": .int(seq), "hash": .string(hash)]
        try DurableFile.replace(Self.path(in: folder), with: Array((value.text + "\n").utf8))
    }
}
