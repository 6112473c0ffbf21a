import Foundation
import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("The MES is told every outcome")
struct AfterRunTests {
    /// Runs a queue to `server` while `body` runs.
    private func queue(
        _ bed: CallBed, _ url: String, health: MESHealth = MESHealth(), limit: Duration = .seconds(20),
        onNotice: @escaping @Sendable (String) -> Void = { _ in }, _ body: () async throws -> Void
    ) async throws {
        let client = CallClient(caFile: nil)
        let settings = MESSettings(beforeRun: nil, afterRun: url, limit: limit, key: { CallBed.key })
        let queue = AfterRunQueue(
            station: "LINE-1", url: url, settings: settings, journal: bed.journal, client: client, health: health,
            interval: .milliseconds(5), pauses: CallPause(from: .milliseconds(5), to: .milliseconds(20)),
            onNotice: onNotice)
        let result: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await queue.run() }
                defer { group.cancelAll() }
                // It begins with what comes after its first look.
                _ = try await eventually("the cursor") { try AfterRunCursor.read(in: bed.journal.folder) }
                try await body()
            }
            result = .success(())
        } catch { result = .failure(error) }
        await client.shutdown()
        try result.get()
    }

    private func cursor(_ bed: CallBed, reaches run: Int64) async throws {
        let rows = try await bed.journal.rows(after: 0, limit: 10_000)
        let seq = try rows.last { try JSONValue(parsing: $0.text)["body"]["run"].int == run }?.seq ?? 0
        _ = try await eventually("cursor at run \(run)") {
            try AfterRunCursor.read(in: bed.journal.folder).flatMap { $0.seq >= seq ? $0 : nil }
        }
    }

    @Test("outcomes come in order, once, with code and evidence, over restarts of the station")
    func order() async throws {
        try await CallBed.with { bed async throws in
            try await bed.run(99)
            try await PlantServer.with({ _, _ in .status(200) }) { server async throws in
                try await queue(bed, server.url) {
                    try await bed.run(1)
                    try await bed.run(2, Failure(.digestMismatch, "region app"))
                    try await cursor(bed, reaches: 3)
                }
                try await bed.run(3)
                try await queue(bed, server.url) { try await cursor(bed, reaches: 4) }
                let calls = server.calls
                // The run before the first start is the past.
                #expect(calls.map { $0.json["run"] } == [2, 3, 4])
                #expect(calls.map { $0.json["outcome"] } == ["pass", "fail", "pass"])
                #expect(
                    calls[0].json["evidence"]["state"] == "ONLINE" && calls[0].json["device_name"] == "6055F9000001")
                #expect(calls[1].json["failure_code"] == "VF-101" && calls[1].json["evidence"] == nil)
                #expect(!calls[0].json.text.contains("00ff"), "a digest under the station's own key stays here")
                #expect(Set(calls.map { $0.header("idempotency-key") }).count == 3)
            }
        }
    }

    @Test("a MES that fails, breaks off or says nothing is told again under the same id, and nothing overtakes")
    func again() async throws {
        try await CallBed.with { bed async throws in
            let script: @Sendable (Int, PlantServer.Call) -> PlantServer.Reply = { number, _ in
                switch number {
                case 0: .status(500)
                case 1: .silence
                case 2: .status(400)
                case 3: .status(409)
                default: .status(201)
                }
            }
            try await PlantServer.with(script) { server async throws in
                let health = MESHealth()
                try await queue(bed, server.url, health: health, limit: .milliseconds(300)) {
                    try await bed.run(1)
                    try await bed.run(2)
                    _ = try await server.calls(2)
                    #expect(health.reading.level == .warn)
                    #expect(health.reading.en.contains("from run 1 on"))
                    try await cursor(bed, reaches: 2)
                }
                #expect(server.calls.map { $0.json["run"] } == [1, 1, 1, 1, 2])
                #expect(Set(server.calls.prefix(4).map { $0.json["id"].string }).count == 1)
                #expect(health.reading.level == .ok)
            }
        }
    }

    @Test("a MES that is away for a while gets everything when it is back")
    func away() async throws {
        try await CallBed.with { bed async throws in
            let port = try await freePort()
            let health = MESHealth()
            try await queue(bed, "http://127.0.0.1:\(port)/hook", health: health) {
                for number in 1...20 { try await bed.run(number) }
                _ = try await eventually("trouble") { health.reading.level == .warn ? true : nil }
                try await PlantServer.with(port: port, { _, _ in .status(200) }) { server async throws in
                    #expect(try await server.calls(20).map { $0.json["run"].int } == (1...20).map { Int64($0) })
                    try await cursor(bed, reaches: 20)
                }
            }
        }
    }

    @Test("killed between the answer and the cursor, the last outcome is told once more under its id, none is lost")
    func killed() async throws {
        try await CallBed.with { bed async throws in
            try await PlantServer.with({ _, _ in .status(200) }) { server async throws in
                try await queue(bed, server.url) {
                    try await bed.run(1)
                    try await cursor(bed, reaches: 1)
                }
                let before = try #require(try AfterRunCursor.read(in: bed.journal.folder))
                try await bed.run(2)
                try await queue(bed, server.url) { try await cursor(bed, reaches: 2) }
                try before.write(in: bed.journal.folder)
                try await queue(bed, server.url) { try await cursor(bed, reaches: 2) }
                #expect(server.calls.map { $0.json["run"] } == [1, 2, 2])
                #expect(server.calls[1].json["id"] == server.calls[2].json["id"])
            }
        }
    }

    @Test("a journal from a backup is told whole again, under ids of its own records, and that is said")
    func backup() async throws {
        try await CallBed.with { bed async throws in
            try await bed.run(1)
            try AfterRunCursor(seq: 4, hash: String(repeating: "0", count: 64)).write(in: bed.journal.folder)
            let (notices, notice) = AsyncStream.makeStream(of: String.self)
            try await PlantServer.with({ _, _ in .status(200) }) { server async throws in
                try await queue(bed, server.url, onNotice: { notice.yield($0) }) { _ = try await server.calls(1) }
                #expect(server.calls.map { $0.json["run"] } == [1])
            }
            notice.finish()
            #expect(await notices.first { _ in true }?.contains("told again") == true)
        }
    }

    @Test("a damaged cursor is named, with what to do")
    func damaged() async throws {
        try await CallBed.with { bed async throws in
            try "x".write(
                toFile: AfterRunCursor.path(in: bed.journal.folder), atomically: true, encoding: .utf8)
            let error = #expect(throws: JournalError.self) { try AfterRunCursor.read(in: bed.journal.folder) }
            #expect(error?.description.contains("mes-cursor.json is damaged: remove it") == true)
        }
    }
}
