import Foundation
import Locking
import Journal
import Provisioning
import Simulation
import Testing

@testable import station

/// What happens to the data folder as a whole.
extension CrashWorkflow {
    /// A backup, restored into a new folder and settled there.
    static let backup = CrashWorkflow(
        name: "backup and restore", prepare: { line, board in try await line.pass(board) },
        stages: [
            .command("backup", refusals: ["a backup never takes another file's place"]) { line, board in
                ["backup", "--output", line.file(board)]
            },
            Stage(name: "restore") { line, board, places in
                try await line.command(
                    ["restore", line.file(board), "--data", line.restored(board)], places,
                    refusals: ["over another journal"])
            },
            Stage(name: "restore settle") { line, board, places in
                try line.makeUsable(board)
                return try await line.command(
                    [
                        "restore", "settle", "--take-over", line.bed.order, "--reason", "disk replaced", "--config",
                        line.restored(board) + ".toml",
                    ], places, refusals: ["there is nothing to settle"])
            },
        ],
        check: { line, board in
            let data = line.restored(board)
            #expect(try await verifies(data), "\(data) does not verify")
            let (copy, own) = (
                try Journal(folder: data, access: .readOnly), try Journal(folder: line.bed.data, access: .readOnly)
            )
            let (there, here) = (try await copy.order(line.bed.order), try await own.order(line.bed.order))
            #expect(there?.claimed == here?.claimed, "\(data) counts \(there?.claimed ?? -1) units")
            let records = try #require(try await JournalRecords.export(data))
            #expect(records.all("restore.settled").count == 1)
            try FileManager.default.removeItem(atPath: data)
        })

    /// A secret sealed and a release taken in.
    static let installation = CrashWorkflow(
        name: "installation",
        prepare: { line, board in
            let folder = line.bed.folder + "/firmware-\(board)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (file, image) in try SimulatedFamily.esp32c3.images(version: "2.0.\(board)") {
                try Data(image).write(to: URL(fileURLWithPath: folder + "/" + file))
            }
        },
        stages: [
            Stage(name: "secret set") { line, board, places in
                try await line.command(
                    ["secret", "set", "access-key/LTAI\(board)", "--config", line.bed.configuration],
                    input: "one-of-many-\(board)\n", places)
            },
            .command("release add") { line, board in
                [
                    "release", "add", line.bed.folder + "/firmware-\(board)", "--profile", "esp32c3", "--version",
                    "2.0.\(board)",
                ]
            },
            .command("order create") { line, board in
                [
                    "order", "create", "--product", line.bed.productKey, "--release", "2.0.\(board)", "--profile",
                    "esp32c3",
                    "--quota", "1",
                ]
            },
        ],
        check: { line, board in
            let secrets = try await line.bed.station("secret", "list")
            #expect(secrets.contains("access-key/LTAI\(board)"), "\(secrets)")
            let releases = try await line.bed.station("release", "list")
            #expect(releases.contains("2.0.\(board)"), "\(releases)")
            let left = try FileManager.default.subpathsOfDirectory(atPath: line.bed.data + "/vault")
            #expect(!left.contains { $0.hasSuffix(".new") }, "\(left)")
        })
}

extension CrashLine {
    fileprivate func file(_ board: Int) -> String { bed.folder + "/\(board).backup" }
    fileprivate func restored(_ board: Int) -> String { bed.folder + "/restored-\(board)" }

    /// Gives a restored folder its vault and a configuration.
    fileprivate func makeUsable(_ board: Int) throws {
        let vault = restored(board) + "/vault"
        guard !FileManager.default.fileExists(atPath: vault) else { return }
        try FileManager.default.copyItem(atPath: bed.data + "/vault", toPath: vault)
        let text = try String(contentsOfFile: bed.configuration, encoding: .utf8)
        try text.replacingOccurrences(of: "data = \"station\"", with: "data = \"restored-\(board)\"").write(
            toFile: restored(board) + ".toml", atomically: true, encoding: .utf8)
    }
}
