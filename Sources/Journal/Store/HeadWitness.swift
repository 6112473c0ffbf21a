import Foundation
import Provisioning

/// The place the chain had reached, and how many boards each order had claimed by then, kept **outside** the data folder.
///
/// A data folder that is copied back brings its own head file along and fits itself; this file stays where it was, and shows
/// that the journal is older than what was last seen.
public struct HeadWitness: Hashable, Sendable {
    public let head: JournalHead
    /// Units claimed by order, less those whose place was given back.
    public let claimed: [String: Int]

    /// Beside the data folder: `DATA.head`.
    public static func defaultPath(dataFolder: String) -> String {
        (dataFolder.hasSuffix("/") ? String(dataFolder.dropLast()) : dataFolder) + ".head"
    }

    public init(head: JournalHead, claimed: [String: Int]) { (self.head, self.claimed) = (head, claimed) }

    /// nil where there is no such file.
    /// - Throws: ``JournalError`` with `broken` for a file that is none, `folder` where it cannot be read.
    public static func read(_ path: String) throws -> HeadWitness? {
        guard let bytes = try DurableFile.read(path) else { return nil }
        guard let json = try? JSONValue(parsing: String(decoding: bytes, as: UTF8.self)), let seq = json["seq"].int,
            let hash = json["hash"].string, hash.count == 64, let claimed = json["claimed"].object
        else {
            throw JournalError(
                .broken,
                "\(path) is not the witness of a journal's head: find out who has changed it, then remove it and let a "
                    + "leader settle what follows (`station restore settle`)")
        }
        return HeadWitness(
            head: JournalHead(seq: seq, hash: hash), claimed: claimed.compactMapValues { $0.int.map { Int($0) } })
    }

    /// Replaces the file; a power loss leaves the old or the new one whole.
    func write(_ path: String) throws {
        do { try DurableFile.replace(path, with: Array((json.text + "\n").utf8)) } catch {
            throw JournalError(
                .folder,
                "the witness of the journal's head cannot be written: \(error); name a place that this user may write, "
                    + "outside the data folder, as head_witness in station.toml")
        }
    }

    var json: JSONValue {
        [
            "seq": .int(head.seq), "hash": .string(head.hash),
            "claimed": .object(claimed.mapValues { .init($0) }),
        ]
    }
}
