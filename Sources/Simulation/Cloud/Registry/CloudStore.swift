import Foundation
import Glibc
import Locking
import NIOPosix

/// The files of a stand-in: its state with the log of what changed since, and the list of every secret it ever held.
///
/// The state file is a whole snapshot (a temporary file, then a rename). What changes after it goes to `STATEFILE.log`,
/// one JSON line each, so that the cost of a change does not grow with the number of devices; when the log has grown
/// past the snapshot, a new snapshot takes its place. Both carry a number, and a log whose number is not its snapshot's
/// is ignored: a kill between the two writes loses nothing. A last line that was cut off is a change nobody was told of.
///
/// All files are their owner's alone. They survive the death of the process, not of the machine: nothing is synced to
/// disk, since a simulated cloud needs no more.
final class CloudStore: Sendable {
    /// What one write brings to disk.
    struct Batch: Sendable {
        var changes: [CloudChange] = []
        var secrets: [String] = []
    }

    private struct Files {
        var log: OwnedFile?
        var logLength = 0
        var snapshotLength = 0
        var generation = 0
        var secrets: SecretList?
        /// The secrets of earlier runs, until the list is written anew.
        var listed: [String] = []
    }

    /// First line of a log.
    private struct LogHead: Codable { let generation: Int }

    /// A log is never taken up into a snapshot before it has this many bytes.
    private static let smallestLog = 256 << 10

    private let stateFile: String?
    private let secretsFile: String?
    private let files = Locked(Files())

    var isOff: Bool { stateFile == nil && secretsFile == nil }

    init(stateFile: String?, secretsFile: String?) throws {
        (self.stateFile, self.secretsFile) = (stateFile, secretsFile)
        for path in [stateFile, secretsFile] {
            if let path { try PrivateFile.makeFolder(for: path) }
        }
    }

    private func logFile(_ stateFile: String) -> String { stateFile + ".log" }

    /// What the last run left; an empty record where there was none.
    func read() throws -> CloudRecord {
        if let secretsFile {
            let listed = try SecretList.read(path: secretsFile)
            files.withLock { $0.listed = listed }
        }
        guard let stateFile, FileManager.default.fileExists(atPath: stateFile) else { return CloudRecord() }
        do {
            let snapshot = try JSONDecoder().decode(
                CloudSnapshot.self, from: Data(contentsOf: URL(fileURLWithPath: stateFile)))
            var record = CloudRecord(snapshot)
            for change in try changes(after: snapshot, in: logFile(stateFile)) { record.apply(change) }
            files.withLock { $0.generation = snapshot.generation }
            return record
        } catch {
            throw CloudStandInError(
                code: .file,
                sentence: "\(stateFile) is not a state file of this stand-in: move it away or name another")
        }
    }

    private func changes(after snapshot: CloudSnapshot, in path: String) throws -> [CloudChange] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = data[...end].split(separator: UInt8(ascii: "\n"))
        let decoder = JSONDecoder()
        guard let head = try lines.first.map({ try decoder.decode(LogHead.self, from: $0) }),
            head.generation == snapshot.generation
        else { return [] }
        return try lines.dropFirst().map { try decoder.decode(CloudChange.self, from: $0) }
    }

    /// Whether the next write should be a snapshot: at the start, and when the log has outgrown the last one.
    var wantsSnapshot: Bool {
        files.withLock { files in
            stateFile != nil && files.log == nil || secretsFile != nil && files.secrets == nil
                || files.logLength > max(Self.smallestLog, 2 * files.snapshotLength)
        }
    }

    /// Writes on a thread of its own, without blocking the caller's: changes at the end of the log or, where it is
    /// given, a snapshot that holds them.
    func write(_ batch: Batch, snapshot: CloudSnapshot?) async throws {
        try await NIOThreadPool.singleton.runIfActive { [self] in try writeBlocking(batch, snapshot: snapshot) }
    }

    /// The same on the calling thread, for the end of the process.
    func writeBlocking(_ batch: Batch, snapshot: CloudSnapshot?) throws {
        try files.withLock { files in
            // The list first: a secret may be listed that was never handed out, but not the other way round.
            try writeSecrets(batch.secrets, &files)
            guard let stateFile else { return }
            guard let snapshot else { return try append(batch.changes, &files) }
            try replace(stateFile, with: snapshot, &files)
        }
    }

    private func writeSecrets(_ secrets: [String], _ files: inout Files) throws {
        guard let secretsFile else { return }
        if files.secrets != nil {
            try files.secrets?.append(secrets)
        } else {
            var known: Set<String> = []
            let all = (files.listed + secrets).filter { known.insert($0).inserted }
            files.secrets = try SecretList(path: secretsFile, secrets: all)
            files.listed = []
        }
    }

    private func append(_ changes: [CloudChange], _ files: inout Files) throws {
        guard let log = files.log, !changes.isEmpty else { return }
        let encoder = Self.encoder()
        var bytes: [UInt8] = []
        for change in changes {
            bytes.append(contentsOf: try encoder.encode(change))
            bytes.append(UInt8(ascii: "\n"))
        }
        do {
            try log.write(bytes, at: files.logLength)
        } catch {
            log.truncate(to: files.logLength)
            throw error
        }
        files.logLength += bytes.count
    }

    private func replace(_ stateFile: String, with snapshot: CloudSnapshot, _ files: inout Files) throws {
        let encoder = Self.encoder()
        var numbered = snapshot
        numbered.generation = files.generation + 1
        let bytes = Array(try encoder.encode(numbered))
        // From here to the new log's opening there is none to append to.
        files.log = nil
        try PrivateFile.replace(stateFile, with: bytes)
        files.generation += 1
        files.snapshotLength = bytes.count
        let head = Array(try encoder.encode(LogHead(generation: files.generation))) + [UInt8(ascii: "\n")]
        let path = logFile(stateFile)
        try PrivateFile.replace(path, with: head)
        files.log = try OwnedFile(path, O_WRONLY)
        files.logLength = head.count
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
