import BoardProtocols
import Foundation
import Testing

@testable import Bench

@Suite("Health of a slot's line") struct LineHealthTests {
    private static func retry(_ reason: String) -> FlashEvent {
        .retrying(region: "app", address: 0, attempt: 2, reason: reason)
    }

    @Test("events and errors are counted by what they mean")
    func counts() {
        var health = LineHealth()
        health.take(Self.retry("no answer"))
        health.take(Self.retry("result was 0107: Checksum error"))
        health.take(.steppedDown(from: 921_600, to: 460_800, reason: "x"))
        health.take(.verifying(region: "app"))
        health.take(LoaderError(.portLost, "x"))
        health.take(LoaderError(.noise, "x"))
        health.take(LoaderError(.stub, "refused", reason: .stubChecksum))
        health.take(LoaderError(.wrongChip, "another chip"))
        #expect(health.total == LineHealth.Counts())
        health.endSession(baud: 460_800)
        #expect(health.total == LineHealth.Counts(retries: 2, noise: 3, stepDowns: 1, portLosses: 1))
        #expect(health.lastGoodBaud == 460_800 && health.sessions == 1)
        health.endSession()
        #expect(health.lastGoodBaud == 460_800)
    }

    @Test(
        "a line is degraded from a number of occurrences on, and its sentence names the cause",
        arguments: [
            (LineHealth.Degradation.Cause.noise, 3, "0107"), (.port, 2, "USB"), (.baud, 2, "cable"),
            (.retries, 5, "again"),
        ])
    func degraded(_ cause: LineHealth.Degradation.Cause, _ threshold: Int, _ word: String) throws {
        var health = LineHealth()
        for number in 1...threshold {
            #expect(health.degradation == nil)
            switch cause {
            case .noise: health.take(LoaderError(.noise, "garbage"))
            case .port: health.take(LoaderError(.portLost, "gone"))
            case .baud: health.take(.steppedDown(from: 921_600, to: 460_800, reason: "x"))
            case .retries: health.take(Self.retry("no answer"))
            }
            health.endSession()
            #expect(health.sessions == number)
        }
        let found = try #require(health.degradation)
        #expect(found.cause == cause && found.count == threshold)
        #expect(found.english.contains(word) && found.english.contains("\(threshold) times"))
        #expect(found.chinese.contains("\(threshold) 次"))
        // Ten sound sessions later the slot has recovered by itself; its totals stay.
        for _ in 0..<LineHealth.window { health.endSession(baud: 921_600) }
        #expect(health.degradation == nil && health.total != LineHealth.Counts())
        health.reset()
        #expect(health.total == LineHealth.Counts() && health.lastGoodBaud == 921_600)
    }

    @Test("kept in a file and read back, without the session under way")
    func file() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = LineHealthFile(path: folder.appendingPathComponent("lines.json").path)
        #expect(file.load().isEmpty)
        var health = LineHealth()
        health.take(LoaderError(.noise, "x"))
        health.endSession(baud: 230_400)
        let fresh = LineHealth()
        try file.save(["1": health, "jig 2": fresh])
        #expect(file.load() == ["1": health, "jig 2": fresh])
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(text.contains("\"last_good_baud\" : null"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["lines.json"])
        #expect(throws: LinkError.self) {
            try LineHealthFile(path: folder.appendingPathComponent("no/lines.json").path).save([:])
        }
    }

    @Test(
        "a damaged file loses no more than what is damaged",
        arguments: [
            ("", 0), ("not json", 0), ("[1]", 0), (#"{"1": 7, "2": {"sessions": 3}}"#, 1),
            (#"{"1": {"sessions": -3, "total": "x", "recent": null, "last_good_baud": -1}}"#, 1),
        ])
    func damaged(_ text: String, _ count: Int) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: path) }
        try Data(text.utf8).write(to: path)
        let slots = LineHealthFile(path: path.path).load()
        #expect(slots.count == count)
        #expect(slots.values.allSatisfy { $0.sessions >= 0 && $0.lastGoodBaud == nil })
    }
}
