import Foundation
import StorageFaults

/// The disk as it may be after a power cut, made from what was recorded.
///
/// What was synced is there. Of what was not, any part may be: none of it, all of it, or of each write some sectors of 512
/// bytes. A deletion whose folder was not synced may not have happened; what came after it in that file has not either.
struct PowerCut {
    /// What is left of the changes that were not synced.
    enum Rest: Hashable, CustomStringConvertible {
        case none, all
        /// Drawn for each sector.
        case torn(seed: UInt64)

        var description: String {
            switch self {
            case .none: "nothing unsynced kept"
            case .all: "everything kept"
            case .torn(let seed): "torn, seed \(seed)"
            }
        }
    }

    private static let sector = 512

    private struct File {
        /// nil = it is not there.
        var synced: [UInt8]?
        var changes: [storage_event] = []

        /// It was not there at the last sync, or is another file than then.
        var isNew: Bool { synced == nil || changes.contains { $0.what == STORAGE_DID_DELETE } }
    }

    private var files: [String: File] = [:]
    /// The number of the last mark; nil before the first.
    private(set) var mark: Int?

    mutating func take(_ event: storage_event) {
        let path = String(cString: event.path)
        switch event.what {
        case STORAGE_DID_MARK: mark = Int(event.offset)
        case STORAGE_DID_SYNC:
            // SQLite syncs the folder with the first sync of a new write-ahead log or rollback journal.
            if files[path]?.isNew ?? false, !path.hasSuffix(".sqlite") { syncFolder() }
            files[path] = File(synced: content(of: path, .all))
        case STORAGE_DID_REPLACE:
            // So does whoever replaces a file whole.
            syncFolder()
            files[path] = File(
                synced: event.bytes.map { Array(UnsafeBufferPointer(start: $0, count: Int(event.size))) })
        case STORAGE_DID_DELETE where event.offset != 0: files[path] = File()
        default: files[path, default: File()].changes.append(event)
        }
    }

    /// Deletions are on the disk.
    private mutating func syncFolder() {
        for (path, file) in files {
            guard let last = file.changes.lastIndex(where: { $0.what == STORAGE_DID_DELETE }) else { continue }
            files[path] = File(synced: nil, changes: Array(file.changes[(last + 1)...]))
        }
    }

    /// The content of every file; nil = it is not there.
    func contents(_ rest: Rest) -> [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: files.keys.compactMap { path in content(of: path, rest).map { (path, $0) } })
    }

    private func content(of path: String, _ rest: Rest) -> [UInt8]? {
        guard let file = files[path] else { return nil }
        var random = Seeded(rest, path)
        var content = file.synced
        for change in file.changes {
            switch change.what {
            case STORAGE_DID_WRITE:
                var offset = Int(change.offset)
                let end = offset + Int(change.size)
                while offset < end {
                    let next = min(end, (offset / Self.sector + 1) * Self.sector)
                    if random.keeps() { Self.write(change, offset..<next, to: &content) }
                    offset = next
                }
            case STORAGE_DID_TRUNCATE:
                guard random.keeps() else { continue }
                let size = Int(change.offset)
                var bytes = content ?? []
                bytes =
                    bytes.count > size
                    ? Array(bytes.prefix(size)) : bytes + [UInt8](repeating: 0, count: size - bytes.count)
                content = bytes
            default:
                guard random.keeps() else { return content }
                content = nil
            }
        }
        return content
    }

    private static func write(_ change: storage_event, _ range: Range<Int>, to content: inout [UInt8]?) {
        guard let source = change.bytes else { return }
        var bytes = content ?? []
        content = nil
        if bytes.count < range.upperBound { bytes += [UInt8](repeating: 0, count: range.upperBound - bytes.count) }
        bytes.withUnsafeMutableBytes { target in
            target[range].copyBytes(
                from: UnsafeRawBufferPointer(
                    start: source + (range.lowerBound - Int(change.offset)), count: range.count))
        }
        content = bytes
    }

    /// Draws whether a part is kept.
    private struct Seeded {
        private let rest: Rest
        private var state: UInt64 = 0

        init(_ rest: Rest, _ path: String) {
            self.rest = rest
            guard case .torn(let seed) = rest else { return }
            state = path.utf8.reduce(seed &* 0x9E37_79B9_7F4A_7C15 | 1) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }

        mutating func keeps() -> Bool {
            switch rest {
            case .none: return false
            case .all: return true
            case .torn:
                // SplitMix64.
                state &+= 0x9E37_79B9_7F4A_7C15
                var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
                return (mixed ^ mixed >> 31) & 1 == 0
            }
        }
    }
}
