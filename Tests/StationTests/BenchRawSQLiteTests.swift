import Foundation
import Testing

@testable import station

@Suite("the journal's yardstick")
struct BenchRawSQLiteTests {
    @Test("commits rows from several threads, in WAL mode")
    func commits() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let raw = try RawSQLite(path: folder.appendingPathComponent("raw.sqlite").path)
        let row = RawSQLite.Row(text: "{}", digest: [1, 2], hash: [3])
        var meter = RateMeter()
        // No time at all is one commit for each writer, on the slowest machine too.
        for _ in 0..<25 { try await meter.measureOnThreads(workers: 4, for: .zero) { try raw.commit(row) } }
        #expect(meter.samples.sorted.count == 100)
        #expect(meter.perSecond ?? 0 > 0)
        #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("raw.sqlite-wal").path))
    }
}
