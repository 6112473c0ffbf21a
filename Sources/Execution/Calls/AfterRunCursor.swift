import Foundation
import Journal
import Provisioning

/// How far the outcomes were told: the last record of the journal that needs no telling any more, in
/// `DATA/mes-cursor.json`.
///
/// With its hash, so that a journal from a backup is known as another one.
struct AfterRunCursor: Hashable, Sendable {
    /// 0 = before the first record.
    let seq: Int64
    /// Empty for 0.
    let hash: String

    static let start = AfterRunCursor(seq: 0, hash: "")

    static func path(in folder: String) -> String { folder + "/mes-cursor.json" }

    /// Reads it; nil where none was written yet.
    /// - Throws: ``JournalError`` with `folder` for a file that is no cursor.
    static func read(in folder: String) throws -> AfterRunCursor? {
        let path = path(in: folder)
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        guard let value = try? JSONValue(parsing: String(decoding: data, as: UTF8.self)), let seq = value["seq"].int,
            let hash = value["hash"].string
        else {
            throw JournalError(
                .folder,
                "\(path) is damaged: remove it, and what ran before the next start is not told to the MES again")
        }
        return AfterRunCursor(seq: seq, hash: hash)
    }

    /// Writes it so that a power loss leaves the old or the new one whole.
    func write(in folder: String) throws {
        let value: JSONValue = ["seq": .int(seq), "hash": .string(hash)]
        try DurableFile.replace(Self.path(in: folder), with: Array((value.text + "\n").utf8))
    }
}
