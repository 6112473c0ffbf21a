import Foundation
import NIOPosix

/// The two files of a stand-in: its state and the list of every secret it ever held.
///
/// Both appear whole (a temporary file, then a rename) and are readable by their owner alone. They survive the death of
/// the process, not of the machine: nothing is synced to disk, since a simulated cloud needs no more.
struct CloudStore: Sendable {
    let stateFile: String?
    let secretsFile: String?

    var isOff: Bool { stateFile == nil && secretsFile == nil }

    init(stateFile: String?, secretsFile: String?) throws {
        (self.stateFile, self.secretsFile) = (stateFile, secretsFile)
        for path in [stateFile, secretsFile] {
            if let path { try PrivateFile.makeFolder(for: path) }
        }
    }

    /// The state of the last run; `nil` where there is none.
    func readState() throws -> CloudSnapshot? {
        guard let stateFile, FileManager.default.fileExists(atPath: stateFile) else { return nil }
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: stateFile))
            return try JSONDecoder().decode(CloudSnapshot.self, from: data)
        } catch {
            throw CloudStandInError(
                code: .file,
                sentence: "\(stateFile) is not a state file of this stand-in: move it away or name another")
        }
    }

    /// The secrets listed by earlier runs.
    func readSecrets() throws -> [String] {
        guard let secretsFile, FileManager.default.fileExists(atPath: secretsFile) else { return [] }
        do {
            return try JSONDecoder().decode([String].self, from: Data(contentsOf: URL(fileURLWithPath: secretsFile)))
        } catch {
            throw CloudStandInError(
                code: .file, sentence: "\(secretsFile) is not a list of secrets: move it away or name another file")
        }
    }

    /// Writes both files on a thread of its own; `secrets` is `nil` where the list has not grown.
    func write(_ snapshot: CloudSnapshot, secrets: [String]?) async throws {
        try await NIOThreadPool.singleton.runIfActive { try writeBlocking(snapshot, secrets: secrets) }
    }

    /// The same on the calling thread, for the end of the process.
    func writeBlocking(_ snapshot: CloudSnapshot, secrets: [String]?) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // The list first: a secret may be listed that was never handed out, but not the other way round.
        if let secretsFile, let secrets {
            encoder.outputFormatting.insert(.prettyPrinted)
            try PrivateFile.replace(secretsFile, with: Array(encoder.encode(secrets)))
            encoder.outputFormatting.remove(.prettyPrinted)
        }
        if let stateFile { try PrivateFile.replace(stateFile, with: Array(encoder.encode(snapshot))) }
    }
}
