import Foundation
import GRDB
import Journal
import Provisioning
import Testing

@Suite("A backup of the journal")
struct BackupTests {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/backup-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// A board that passed.
    static func pass(_ bed: Bed, _ mac: String) async throws {
        let (run, result) = try await bed.claim(bed.request(mac))
        #expect(result.unit != nil)
        try await bed.conclude(run, .pass, flashed: true)
    }

    @Test("holds the journal as it was at one moment, while others go on writing, and verifies")
    func consistent() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bed = try await Bed(quota: 500)
        for number in 0..<20 { try await Self.pass(bed, String(format: "7CDFA1%06X", number * 4)) }
        let file = folder + "/one.backup"
        let (source, data) = (bed.journal, bed.folder)
        async let backup = Task.detached { try JournalBackup.write(of: data, to: file) }.value
        for number in 20..<40 { try await Self.pass(bed, String(format: "7CDFA1%06X", number * 4)) }
        let written = try await backup
        #expect(written.head.seq >= 3 && written.records == written.head.seq)
        #expect(try await source.place(written.head.seq) == written.head)
        try await source.recordBackup(
            file: file, head: written.head, sha256: written.sha256, actor: "cli:it")
        #expect(try await source.verify().isClean)
        #expect(throws: JournalError.self) { try JournalBackup.write(of: data, to: file) }
    }

    @Test("a backup with one changed byte of a record is not restored")
    func tampered() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bed = try await Bed()
        try await Self.pass(bed, "7CDFA1000000")
        let file = folder + "/one.backup"
        _ = try JournalBackup.write(of: bed.folder, to: file)
        try await DatabaseQueue(path: file).write {
            try $0.execute(sql: "UPDATE record SET text = replace(text, 'pass', 'fail') WHERE seq = 6")
        }
        #expect(throws: JournalError.self) {
            try JournalRestore.restore(file, to: folder + "/new", witness: nil, actor: "cli:it")
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/new/journal.sqlite"))
    }

    @Test("restored, it has every record, its releases' files, and no board is claimed before a leader has settled it")
    func restored() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bed = try await Bed(quota: 3)
        let images = bed.folder + "/releases/esp32c3/1.0.0"
        try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
        try "firmware".write(toFile: images + "/app.bin", atomically: true, encoding: .utf8)
        try await Self.pass(bed, "7CDFA1000000")
        let file = folder + "/one.backup"
        let written = try JournalBackup.write(of: bed.folder, to: file)
        // After the backup: a second board, which the restored journal knows nothing of.
        try await Self.pass(bed, "7CDFA1000004")
        let data = folder + "/new"
        let head = try JournalRestore.restore(file, to: data, witness: nil, actor: "cli:it")
        #expect(head == written.head)
        #expect(try String(contentsOfFile: data + "/releases/esp32c3/1.0.0/app.bin", encoding: .utf8) == "firmware")
        #expect(throws: JournalError.self) { try JournalRestore.restore(file, to: data, witness: nil, actor: "cli:it") }

        let journal = try Journal(folder: data)
        #expect(try await journal.verify().isClean)
        let hold = try #require(try await journal.productionHold())
        #expect(hold.cause == .restored)
        #expect(try await Self.claim(journal, bed, "7CDFA1000008")?.refusal == .journalBehind)

        // The cloud shows the second board: it counts, and comes back in its own place; the quota of three holds.
        let device = UnknownDevice(
            productKey: "a1test", deviceName: "7CDFA1000004", iotID: "iot", state: "ONLINE", createdAt: nil)
        #expect(try await journal.unknown(productKey: "a1test", devices: [device]) == [device])
        try await journal.settleHold(
            hold, taken: [(device, bed.order.id)], explained: [], reason: "found in the cloud", actor: "cli:leader")
        #expect(try await journal.productionHold() == nil)
        #expect(try await journal.unknown(productKey: "a1test", devices: [device]) == [])
        #expect(try await journal.order(bed.order.id)?.claimed == 2)
        #expect(try await Self.claim(journal, bed, "7CDFA1000008")?.unit != nil)
        #expect(try await Self.claim(journal, bed, "7CDFA100000C")?.refusal == .quotaReached)
        #expect(try await Self.claim(journal, bed, "7CDFA1000004")?.unit != nil)
        #expect(try await journal.order(bed.order.id)?.claimed == 3)
        #expect(try await Self.claim(journal, bed, "7CDFA1000010")?.refusal == .quotaReached)
        #expect(try await journal.verify().isClean)
    }

    @Test(
        "a restore that was cut off is begun anew when it is asked for again; any other folder is refused",
        arguments: [
            (["journal.sqlite.new"], true), (["journal.sqlite.new", "releases", "head", "head.new"], true),
            (["releases", "head"], false), (["journal.sqlite.new", "vault"], false), (["journal.sqlite"], false),
        ])
    func cutOff(_ left: [String], _ isBegunAnew: Bool) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bed = try await Bed(quota: 3)
        try await Self.pass(bed, "7CDFA1000000")
        let (file, data) = (folder + "/one.backup", folder + "/new")
        let written = try JournalBackup.write(of: bed.folder, to: file)
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        for name in left { try "half".write(toFile: data + "/" + name, atomically: false, encoding: .utf8) }
        if isBegunAnew {
            #expect(try JournalRestore.restore(file, to: data, witness: nil, actor: "cli:it") == written.head)
            #expect(try await Journal(folder: data).verify().isClean)
        } else {
            #expect(throws: JournalError.self) {
                try JournalRestore.restore(file, to: data, witness: nil, actor: "cli:it")
            }
        }
    }

    static func claim(_ journal: Journal, _ bed: Bed, _ mac: String) async throws -> ClaimResult? {
        let request = try bed.request(mac)
        let run = try await journal.startRun(slot: "s", order: request.order, actor: "test")
        let result = try await journal.claim(run: run, request: request, rule: ClaimRule(), actor: "test")
        try await journal.conclude(
            run: run, conclusion: .init(outcome: .fail, failure: Failure(.notReady, "test")), isFlashed: false,
            steps: [], evidence: nil, details: nil, actor: "test")
        return result
    }
}
