import Foundation
import GRDB
import Journal
import Testing

@Suite("A power cut")
struct PowerCutTests {
    /// How many ways each moment's unsynced writes are torn.
    static let seeds: Range<UInt64> = StorageFaultTests.isFull ? 0..<16 : 0..<1

    @Test("at any moment loses nothing that was acknowledged, whatever the disk kept of what was not synced")
    func everyMoment() async throws {
        let bed = try TemporaryJournal()
        let work = bed.work("station")
        let storage = try FaultyStorage(folder: work.data)
        storage.record(beside: [work.data + "/head", work.witness])
        await work.prepare { storage.mark($0) }
        await work.perform { storage.mark($0) }
        #expect(work.result.allSatisfy { $0 == .acknowledged })
        let reference = try await JournalContent(Journal(folder: work.data, witness: work.witness))

        let events = storage.events
        #expect(events.count > 300)
        var (disk, seen, cuts) = (PowerCut(), Set<Int>(), 0)
        for (index, event) in events.enumerated() {
            disk.take(event)
            for rest in [PowerCut.Rest.none, .all] + Self.seeds.map({ .torn(seed: UInt64(index) << 8 | $0) }) {
                let contents = disk.contents(rest)
                var hasher = Hasher()
                hasher.combine(disk.mark)
                for (path, bytes) in contents.sorted(by: { $0.key < $1.key }) {
                    hasher.combine(path)
                    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
                }
                guard seen.insert(hasher.finalize()).inserted else { continue }
                cuts += 1
                let after = bed.work("after")
                defer { bed.remove(after) }
                try FileManager.default.createDirectory(atPath: after.data, withIntermediateDirectories: true)
                for (path, bytes) in contents {
                    let place =
                        path == work.witness ? after.witness : after.data + "/" + (path as NSString).lastPathComponent
                    #expect(FileManager.default.createFile(atPath: place, contents: Data(bytes)))
                }
                let acknowledged = (disk.mark ?? -1) + 1
                try await StorageFaultTests.check(
                    after, reference,
                    acknowledged: Array(repeating: .acknowledged, count: acknowledged) + [.failed],
                    "cut after event \(index), \(rest)")
            }
        }
        print("power cut: \(events.count) events, \(cuts) states of the disk")
    }

    @Test("is a cut: rows that SQLite does not promise to keep are gone after it, and the last sync is what is left")
    func control() async throws {
        let bed = try TemporaryJournal()
        let storage = try FaultyStorage(folder: bed.folder + "/before")
        try FileManager.default.createDirectory(atPath: storage.folder, withIntermediateDirectories: true)
        storage.record(beside: [])
        // GRDB's pool has synchronous = NORMAL: commits are not synced.
        let pool = try DatabasePool(path: storage.folder + "/rows.sqlite")
        try await pool.write { try $0.execute(sql: "CREATE TABLE number (value INTEGER)") }
        _ = try await pool.writeWithoutTransaction { try $0.checkpoint(.full) }
        for value in 1...5 {
            try await pool.write { try $0.execute(sql: "INSERT INTO number VALUES (?)", arguments: [value]) }
        }
        var disk = PowerCut()
        for event in storage.events { disk.take(event) }
        for (rest, expected) in [(PowerCut.Rest.none, 0), (.all, 5)] {
            let after = bed.folder + "/after-\(expected)"
            try FileManager.default.createDirectory(atPath: after, withIntermediateDirectories: true)
            for (path, bytes) in disk.contents(rest) {
                try Data(bytes).write(to: URL(fileURLWithPath: after + "/" + (path as NSString).lastPathComponent))
            }
            let found = try await DatabasePool(path: after + "/rows.sqlite").read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM number")
            }
            #expect(found == expected)
        }
        try pool.close()
    }
}
