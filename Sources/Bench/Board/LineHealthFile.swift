import Foundation
import Glibc

/// Keeps the health of all slots' lines across restarts, in a small JSON file.
///
/// The file is a convenience, not a record: where it is missing or damaged the slots start anew. It is replaced as a
/// whole, so that a cut leaves the old one.
public struct LineHealthFile: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    /// A slot's entry that may be unusable.
    private struct Entry: Codable {
        let health: LineHealth?

        init(_ health: LineHealth) { self.health = health }
        init(from decoder: any Decoder) throws { health = try? LineHealth(from: decoder) }
        func encode(to encoder: any Encoder) throws { try health?.encode(to: encoder) }
    }

    /// By slot; empty where the file is missing or no JSON. Entries that cannot be read are left out.
    public func load() -> [String: LineHealth] {
        guard let data = FileManager.default.contents(atPath: path), data.count < 1 << 20,
            let entries = try? JSONDecoder().decode([String: Entry].self, from: data)
        else { return [:] }
        return entries.compactMapValues(\.health)
    }

    /// Replaces the file. Blocks for the disk.
    /// - Throws: ``LinkError`` `system` with the file as its port.
    public func save(_ slots: [String: LineHealth]) throws(LinkError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let data: Data
        do {
            data = try encoder.encode(slots.mapValues(Entry.init))
        } catch {
            throw LinkError(.system, port: path, "cannot be encoded: \(error)")
        }
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw failure(errno) }
        let isWritten = data.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == data.count
        let code = isWritten && fsync(descriptor) == 0 ? 0 : errno
        _ = close(descriptor)
        guard code == 0, rename(new, path) == 0 else {
            let reason = code == 0 ? errno : code
            _ = unlink(new)
            throw failure(reason)
        }
    }

    private func failure(_ code: Int32) -> LinkError {
        LinkError(
            .system, port: path, "cannot be written (\(DescriptorIO.text(code))): check the folder and its space",
            errno: code)
    }
}
