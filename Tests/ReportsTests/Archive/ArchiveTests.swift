import Crypto
import Foundation
import Journal
import Provisioning
import Reports
import Testing
import Vault

func sha256(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

@Suite("A batch's archive")
struct ArchiveTests {
    @Test("verifies by its folder and the public key, wherever it was copied to")
    func untouched() async throws {
        let bed = try await ArchiveBed()
        let archive = try await bed.archive()
        let copy = bed.folder + "/elsewhere"
        try FileManager.default.copyItem(atPath: archive.folder, toPath: copy)
        let found = try bed.verify(copy)
        #expect(found.findings.map(\.description) == [])
        #expect(found.manifest?.order == bed.order.id)
        #expect(found.manifest?.ending == "closed")
        #expect(found.records == archive.head - (try await bed.journal.firstRecord(order: bed.order.id) ?? 0) + 1)
        #expect(found.whole > 0 && found.whole < found.records)
        let manifest = try Data(contentsOf: URL(fileURLWithPath: archive.folder + "/manifest.json"))
        #expect(sha256(Array(manifest)) == archive.manifestSHA256)
        #expect(!FileManager.default.fileExists(atPath: bed.batches + "/." + bed.order.id + ".new"))
    }

    @Test("holds no text of another order's records, and its figures are those of the journal's report")
    func content() async throws {
        let bed = try await ArchiveBed()
        let archive = try await bed.archive()
        let records = try String(contentsOfFile: archive.folder + "/records.jsonl", encoding: .utf8)
        #expect(!records.contains("\\\"WO-0001\\\""))
        let text = try String(contentsOfFile: archive.folder + "/report.json", encoding: .utf8)
        let report = try JSONValue(parsing: text)
        let live = try await Report.batch(bed.journal, order: bed.order.id).json
        for key in ["counts", "rates", "steps", "hours", "cycle", "slots", "pareto"] {
            #expect(report[key] == live[key])
        }
        let units = try String(contentsOfFile: archive.folder + "/units.csv", encoding: .utf8)
        #expect(units.split(separator: "\r\n").count == 13)
        #expect(report["counts"]["input"].int == 12)
        let log = try String(contentsOfFile: archive.folder + "/logs/order.log", encoding: .utf8)
        #expect(log.contains("BT-101") && !log.contains("identity.read"))
    }

    @Test("openssl verifies its signature, too")
    func openssl() async throws {
        let bed = try await ArchiveBed(units: 3)
        let archive = try await bed.archive()
        let key = bed.folder + "/key.pem"
        try bed.vault.signingPublicKey().pem.write(toFile: key, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", archive.folder + "/manifest.json",
            "-sigfile", archive.folder + "/manifest.sig",
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test("written again it takes the place of one that was not journaled")
    func again() async throws {
        let bed = try await ArchiveBed(units: 3)
        let first = try await bed.archive()
        let second = try await bed.archive()
        #expect(second.head > first.head)
        #expect(try bed.verify(second.folder).isWhole)
    }

    @Test("another key does not verify it")
    func otherKey() async throws {
        let bed = try await ArchiveBed(units: 3)
        let archive = try await bed.archive()
        let other = bed.folder + "/other"
        let key = try Vault.open(dataFolder: other).signingPublicKey()
        let found = try ArchiveVerification.verify(archive.folder, key: key)
        #expect(found.findings.count == 1)
        #expect(found.findings.first?.description.contains("key") == true)
    }

    @Test("a line nobody may change is named: edited, deleted, inserted, exchanged, cut off", arguments: Edit.allCases)
    func edits(_ edit: Edit) async throws {
        let bed = try await ArchiveBed()
        let archive = try await bed.archive()
        for file in ["records.jsonl", "units.csv", "reconciliation.csv", "reconciliation.jsonl", "report.json"] {
            let copy = bed.folder + "/" + edit.rawValue + file
            try FileManager.default.copyItem(atPath: archive.folder, toPath: copy)
            let line = try edit.apply(to: copy + "/" + file, at: 4)
            let found = try bed.verify(copy)
            #expect(found.findings.first?.file == file)
            #expect(found.findings.first?.line == line, "\(file): \(found.findings)")
        }
    }

    enum Edit: String, CaseIterable {
        case change, delete, insert, exchange, truncate

        /// - Returns: the first line, from 1, that is not as it was.
        func apply(to path: String, at index: Int) throws -> Int {
            var lines = Array(try Data(contentsOf: URL(fileURLWithPath: path))).split(
                separator: 0x0A, omittingEmptySubsequences: false
            ).map(Array.init)
            switch self {
            case .change: lines[index] = lines[index].dropFirst() + [0x20]
            case .delete: lines.remove(at: index)
            case .insert: lines.insert(lines[index - 1], at: index)
            case .exchange: lines.swapAt(index, index + 1)
            case .truncate: lines.removeSubrange(index...)
            }
            try Data(lines.joined(separator: [0x0A])).write(to: URL(fileURLWithPath: path))
            // Cut off behind a line's text, that line has lost its end.
            return self == .truncate ? index : index + 1
        }
    }
}
