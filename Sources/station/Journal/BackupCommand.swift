import ArgumentParser
import Execution
import Foundation
import Journal
import Provisioning

/// `station backup`: a consistent copy of the journal while the line runs.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Writes a backup of the journal and verifies it; the running station is not disturbed.",
        discussion: """
            One file: the journal as it is at one moment, and the images of its releases. After writing, the copy is \
            checked by SQLite and its whole chain is computed anew; only then the file gets its name, and the journal its \
            record.

            Not in it: the vault. Keep DATA/vault apart from backups, its key above all: whoever has both has every \
            secret. Archives of batches (DATA/batches) are copied as they are.

              station backup --config station.toml --output /mnt/nas/station-7.backup
              station restore /mnt/nas/station-7.backup --data /var/lib/station-7
            """)

    @Option(help: ArgumentHelp("Where it is written; default: DATA/backups/TIME.backup.", valueName: "file"))
    var output: String?
    @OptionGroup var station: StationOptions

    func run() async throws {
        let data = try station.dataFolder()
        let file = try path(in: data)
        let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
        let backup = try JournalBackup.write(of: data, to: file) { progress in
            switch progress {
            case .copied(let pages, let all):
                if isTerminal {
                    FileHandle.standardError.write(Data("\r\(all == 0 ? 100 : pages * 100 / all) % copied".utf8))
                }
            case .checking: note("\(isTerminal ? "\r" : "")copied; checking the copy")
            }
        }
        _ = try await station.sender().send(
            .noteBackup(file: file, seq: backup.head.seq, hash: backup.head.hash, sha256: backup.sha256))
        print("\(file): \(backup.records) records, \(backup.size) bytes, SHA-256 \(backup.sha256)")
    }

    private func path(in data: String) throws -> String {
        if let output { return lexicallyAbsolute(output) }
        let folder = data + "/backups"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let time = Timestamp.text(Date()).filter { $0.isNumber || $0 == "T" || $0 == "Z" }
        return "\(folder)/\(time).backup"
    }
}
