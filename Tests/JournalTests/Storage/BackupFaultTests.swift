import Foundation
import Journal
import Testing

@Suite("Backup and restore on storage that fails")
struct BackupFaultTests {
    /// Faults that are tried at every call.
    static let faults = StorageFaultTests.isFull ? FaultyStorage.Fault.all : [FaultyStorage.Fault.all[1]]

    @Test("whichever call fails, a backup is whole or there is none, and asking again makes it", arguments: faults)
    func backup(fault: FaultyStorage.Fault) async throws {
        let bed = try TemporaryJournal()
        let work = bed.work()
        await work.prepare()
        await work.perform()
        let calls = try Self.calls(fault, bed.folder) {
            _ = try JournalBackup.write(of: work.data, to: bed.folder + "/0.backup")
        }
        var failed = 0
        for nth in 1...calls {
            let file = bed.folder + "/one.backup"
            let storage = try FaultyStorage(folder: bed.folder)
            storage.fail(fault, at: nth)
            var error: (any Error)?
            do { _ = try JournalBackup.write(of: work.data, to: file) } catch let caught { error = caught }
            let place = "call \(nth) (\(storage.failure ?? "none"))"
            storage.heal()
            if let error {
                failed += 1
                #expect([.storage, .broken].contains((error as? JournalError)?.code), "\(place): \(error)")
                #expect(!FileManager.default.fileExists(atPath: file), "\(place)")
                _ = try JournalBackup.write(of: work.data, to: file)
            }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: bed.folder).allSatisfy { !$0.contains(".new") },
                "\(place)")
            try FileManager.default.removeItem(atPath: file)
        }
        #expect(failed > calls / 4)
        print("storage: backup, \(fault.testDescription): \(calls) calls, \(failed) stopped it")
        #expect(try await Journal(folder: work.data, witness: work.witness).verify().isClean)
    }

    @Test("whichever call fails, a restored folder has no journal or the whole one, held", arguments: faults)
    func restore(fault: FaultyStorage.Fault) async throws {
        let bed = try TemporaryJournal()
        let work = bed.work()
        await work.prepare()
        await work.perform()
        let images = "/releases/esp32c3/1.0.0"
        try FileManager.default.createDirectory(atPath: work.data + images, withIntermediateDirectories: true)
        try Data("firmware".utf8).write(to: URL(fileURLWithPath: work.data + images + "/app.bin"))
        let file = bed.folder + "/one.backup"
        let written = try JournalBackup.write(of: work.data, to: file)
        let calls = try Self.calls(fault, bed.folder) {
            _ = try JournalRestore.restore(file, to: bed.folder + "/0", witness: nil, actor: "test")
        }
        var failed = 0
        for nth in 1...calls {
            let folder = bed.folder + "/new"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let storage = try FaultyStorage(folder: folder)
            storage.fail(fault, at: nth)
            var error: (any Error)?
            do { _ = try JournalRestore.restore(file, to: folder, witness: nil, actor: "test") } catch let caught {
                error = caught
            }
            let place = "call \(nth) (\(storage.failure ?? "none"))"
            storage.heal()
            if let error {
                failed += 1
                #expect([.storage, .broken].contains((error as? JournalError)?.code), "\(place): \(error)")
                #expect(!FileManager.default.fileExists(atPath: folder + "/journal.sqlite"), "\(place)")
                #expect(
                    try JournalRestore.restore(file, to: folder, witness: nil, actor: "test") == written.head,
                    "\(place)")
            }
            let journal = try Journal(folder: folder)
            #expect(try await journal.productionHold()?.cause == .restored, "\(place)")
            let found = try await journal.verify()
            #expect(found.isClean && found.records == written.records + 1, "\(place)")
            #expect(FileManager.default.fileExists(atPath: folder + images + "/app.bin"), "\(place)")
        }
        #expect(failed > calls / 4)
        print("storage: restore, \(fault.testDescription): \(calls) calls, \(failed) stopped it")
    }

    /// How many calls that can fail there are in a work without a fault.
    private static func calls(_ fault: FaultyStorage.Fault, _ folder: String, _ work: () throws -> Void) throws -> Int {
        let storage = try FaultyStorage(folder: folder)
        storage.fail(fault, at: nil)
        try work()
        return storage.calls
    }
}
