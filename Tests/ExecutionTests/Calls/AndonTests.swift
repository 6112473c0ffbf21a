import Foundation
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("The andon's board")
struct AndonBoardTests {
    private func slot(_ name: String, _ word: SlotStatus.Word, _ code: FailureCode? = nil) -> LineEvent {
        var status = SlotStatus(slot: name)
        status.word = word
        status.failure = code.map { Failure($0, "test") }
        return .slot(status)
    }

    private func order(_ state: WorkOrder.State, _ code: String? = nil) -> LineEvent {
        .order(
            WorkOrder(
                id: "WO-1", terms: .init(productKey: "a", release: "1", profile: "p", quota: 1), state: state,
                holdCode: code))
    }

    /// Tells everything that waits, and is always understood.
    private func tell(_ board: inout AndonBoard) -> [String] {
        var told: [String] = []
        while let (place, state) = board.next() {
            let name = if case .slot(let name) = place { name } else { "line" }
            told.append("\(name) \(state.word)" + (state.code.map { " \($0)" } ?? "") + (state.isCalled ? " !" : ""))
            board.end(place, state, isTold: true)
        }
        return told
    }

    @Test("each change of a slot's word is told once, and the line's when it follows")
    func changes() {
        var board = AndonBoard()
        board.take(slot("1", .empty))
        #expect(tell(&board) == ["1 EMPTY", "line IDLE"])
        board.take(slot("1", .busy))
        board.take(slot("1", .busy))
        board.take(slot("2", .empty))
        #expect(tell(&board) == ["1 BUSY", "line BUSY", "2 EMPTY"])
        board.take(slot("2", .fail, .digestMismatch))
        #expect(tell(&board) == ["2 FAIL VF-101", "line FAIL VF-101"])
        board.take(slot("2", .empty))
        board.take(slot("1", .pass))
        #expect(tell(&board) == ["2 EMPTY", "line IDLE", "1 PASS"])
    }

    @Test("the line shows the worst: a call before a hold, a hold before a failure, a failure before work")
    func worst() {
        var board = AndonBoard()
        for event in [slot("1", .busy), slot("2", .fail, .notReady), slot("3", .hold, .registerCloud)] {
            board.take(event)
        }
        #expect(tell(&board).contains("line HOLD RG-201"))
        board.call(slot: "2", true, at: .now)
        #expect(tell(&board) == ["2 FAIL BT-101 !", "line CALL !"])
        board.call(slot: "2", false, at: .now)
        board.take(slot("3", .empty))
        #expect(tell(&board) == ["2 FAIL BT-101", "line FAIL BT-101", "3 EMPTY"])
        board.take(order(.held, "CL-204"))
        #expect(tell(&board) == ["line HOLD CL-204"])
        board.take(order(.open))
        #expect(tell(&board) == ["line FAIL BT-101"])
        let now = ContinuousClock.now
        board.call(slot: nil, true, at: now)
        #expect(tell(&board) == ["line CALL !"])
        board.expire(at: now + .seconds(599))
        #expect(tell(&board).isEmpty)
        board.expire(at: now + AndonBoard.callTime)
        #expect(tell(&board) == ["line FAIL BT-101"])
        board.call(slot: "2", true, at: now)
        board.take(slot("2", .empty))
        #expect(tell(&board) == ["2 EMPTY", "line BUSY"])
    }

    @Test("a state that was over before it could be told is not told")
    func latest() {
        var board = AndonBoard()
        board.take(slot("1", .busy))
        guard let (place, state) = board.next() else {
            Issue.record("nothing to tell")
            return
        }
        board.take(slot("1", .fail, .notReady))
        board.take(slot("1", .empty))
        board.end(place, state, isTold: false)
        #expect(tell(&board) == ["line IDLE", "1 EMPTY"])
        #expect(tell(&board).isEmpty)
    }

    @Test("at the end the line says STOPPED, whatever was to be told before")
    func stopped() {
        var board = AndonBoard()
        board.take(slot("1", .busy))
        board.stop()
        #expect(tell(&board) == ["line STOPPED"])
    }
}

@Suite("The andon is told")
struct AndonTests {
    private func status(_ name: String, _ word: SlotStatus.Word) -> LineEvent {
        var status = SlotStatus(slot: name)
        status.word = word
        return .slot(status)
    }

    /// Runs an andon while `body` sends events.
    private func andon(
        _ target: AndonSettings.Target, limit: Duration = .seconds(20),
        _ body: (LineEvents, Andon) async throws -> Void
    ) async throws {
        let client = CallClient(caFile: nil)
        let andon = Andon(
            station: "LINE-1", settings: AndonSettings(target, limit: limit), client: client,
            pauses: CallPause(from: .milliseconds(5), to: .milliseconds(20)))
        let events = LineEvents()
        let stream = events.watch()
        let result: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await andon.run(stream) }
                defer { group.cancelAll() }
                try await body(events, andon)
                events.finish()
                try await group.waitForAll()
            }
            result = .success(())
        } catch { result = .failure(error) }
        await client.shutdown()
        try result.get()
    }

    @Test("by HTTP: slots and line as JSON, STOPPED at the end")
    func http() async throws {
        try await PlantServer.with({ _, _ in .status(204) }) { server async throws in
            try await andon(.url(server.url + "/andon")) { events, andon in
                events.send(status("1", .busy))
                _ = try await server.calls(2)
                await andon.call(slot: "1", true)
                _ = try await server.calls(4)
                #expect(await andon.health.level == .ok)
            }
            let told = server.calls.map(\.json)
            #expect(told[0]["scope"] == "slot" && told[0]["slot"] == "1" && told[0]["word"] == "BUSY")
            #expect(told[1]["scope"] == "line" && told[1]["slot"] == nil && told[1]["word"] == "BUSY")
            #expect(told[2]["call"] == true && told[3]["word"] == "CALL")
            #expect(told[4]["word"] == "STOPPED" && told.count == 5)
            #expect(server.calls.allSatisfy { $0.path == "/hook/andon" && $0.json["station"] == "LINE-1" })
        }
    }

    @Test("an andon that fails is told the latest state when it is back, and its trouble is health, no more")
    func back() async throws {
        try await PlantServer.with({ _, _ in .status(500) }) { server async throws in
            try await andon(.url(server.url)) { events, andon in
                events.send(status("1", .busy))
                _ = try await server.calls(5)
                #expect(await andon.health.level == .warn)
                for word in [SlotStatus.Word.fail, .empty, .busy, .pass] { events.send(status("1", word)) }
                // Whatever of these is still on its way is told before the server is well.
                _ = try await eventually("the latest state") {
                    server.calls.suffix(2).contains { $0.json["word"] == "PASS" } ? true : nil
                }
                let before = server.calls.count
                server.answer { _, _ in .status(200) }
                _ = try await eventually("health") { await andon.health.level == .ok ? true : nil }
                _ = try await eventually("the slot") {
                    server.calls.dropFirst(before).contains { $0.json["word"] == "PASS" } ? true : nil
                }
                let words = Set(server.calls.dropFirst(before + 1).map { $0.json["word"] })
                #expect(words.isSubset(of: ["PASS", "IDLE"]))
            }
        }
    }

    @Test("an andon that never answers holds up no event")
    func hung() async throws {
        try await PlantServer.with({ _, _ in .silence }) { server async throws in
            try await andon(.url(server.url), limit: .milliseconds(200)) { events, _ in
                events.send(status("1", .busy))
                _ = try await server.calls(1)
                let begun = ContinuousClock.now
                for number in 0..<20_000 { events.send(status("\(number % 32)", number % 2 == 0 ? .busy : .empty)) }
                #expect(ContinuousClock.now - begun < .seconds(5))
            }
        }
    }

    @Test("by a command: its words are filled in, and no shell reads them")
    func command() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/andon-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let script = folder + "/lamp"
        try "#!/bin/sh\nprintf '%s\\n' \"$*\" >> \(folder)/told\n".write(
            toFile: script, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
        func told() -> [String] {
            ((try? String(contentsOfFile: folder + "/told", encoding: .utf8)) ?? "").split(separator: "\n").map(
                String.init)
        }
        let words = [script, "{station}", "{scope}:{slot}", "{word}", "code={code}", "$(id)", "{call}"]
        try await andon(.command(words)) { events, _ in
            events.send(status("1", .busy))
            _ = try await eventually("the lamp") { told().count >= 2 ? true : nil }
        }
        #expect(
            told() == [
                "LINE-1 slot:1 BUSY code= $(id) 0", "LINE-1 line: BUSY code= $(id) 0",
                "LINE-1 line: STOPPED code= $(id) 0",
            ])
    }

    @Test("a command that is missing or fails is trouble with its name", arguments: ["/no/such/lamp", "/bin/false"])
    func failing(program: String) async throws {
        try await andon(.command([program])) { events, andon in
            events.send(status("1", .busy))
            _ = try await eventually("trouble") { await andon.health.level == .warn ? true : nil }
            #expect(await andon.health.en.contains(program))
        }
    }
}
