import Locking
import Foundation
import Journal
import NIOHTTP1
import Provisioning
import Testing

@testable import Execution
@testable import Operator

@Suite("Scans over HTTP")
struct ScanTests {
    @Test("nobody who is not signed in gets further than the PIN")
    func stranger() async throws {
        try await OperatorBed.with { bed in
            let badge = try await bed.scan("PS1:BADGE:SOMEBODY", as: nil)
            #expect(badge.json["ask"]["kind"] == "pin")
            #expect(Schema.scanAnswer.problems(badge.json) == [])
            for text in ["6055F9000000", "PS1:CMD:OK", "PS1:ORDER:WO-0001", "PS1:SLOT:1"] {
                #expect(try await bed.scan(text, as: nil).status == 401)
            }
        }
    }

    @Test("a board's life by scans: unknown, failed, re-flash confirmed by card, passed")
    func life() async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            let (leader, worker) = (try #require(sessions[.leader]), try #require(sessions[.operator]))
            let order = try await bed.order()
            let new = try await bed.scan("60:55:F9:00:00:00", as: worker)
            #expect(new.json["result"] == "ok", "\(new.text)")
            #expect(new.json["unit"] == .null)
            _ = try await bed.board("6055F9000000", in: order, .fail, .notReady)
            let failed = try await bed.scan("6055F9000000", as: worker)
            #expect(failed.json["open"] == "/unit/6055F9000000")
            #expect(failed.json["ask"] == .null)
            let offered = try await bed.scan("6055F9000000", as: leader)
            #expect(offered.json["ask"]["kind"] == "confirm")
            // No cloud is configured here, which the workflow says; the unit stays as it was.
            let refused = try await bed.scan("PS1:CMD:OK", as: leader)
            #expect(refused.json["result"] == "wrong")
            #expect(refused.json["en"].string?.contains("cloud") == true, "\(refused.text)")
            _ = try await bed.board("6055F9000010", in: order, .pass)
            let passed = try await bed.scan("]d26055F9000010", as: worker)
            #expect(passed.json["result"] == "ok")
            #expect(Schema.scanAnswer.problems(passed.json) == [])
        }
    }

    @Test("the same id again is answered the same and does nothing twice, also side by side")
    func idempotent() async throws {
        try await OperatorBed.with { bed in
            let worker = try #require(try await bed.everybody()[.operator])
            let order = try await bed.order()
            _ = try await bed.board("6055F9000000", in: order, .fail, .notReady)
            _ = try await bed.scan("6055F9000000", as: worker)
            _ = try await bed.scan("PS1:CMD:RED-BIN", as: worker)
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 1...8 {
                    group.addTask { try await bed.scan("PS1:CMD:OK", as: worker, id: "same-id-again").text }
                }
                var answers: Set<String> = []
                for try await answer in group { answers.insert(answer) }
                return answers
            }
            #expect(answers.count == 1)
            #expect(try await bed.journal.recordCounts()["unit.held"] == 1)
            let history = try await bed.journal.history(deviceName: "6055F9000000")
            #expect(history.records.last?.actor == "person:P-0002")
            #expect(try await bed.journal.unit(deviceName: "6055F9000000").state == .held)
        }
    }

    @Test("thirty scans in one burst keep their order, none lost, none doubled")
    func burst() async throws {
        try await OperatorBed.with { bed in
            let worker = try #require(try await bed.everybody()[.operator])
            for number in 1...30 {
                _ = try await bed.scan("PS1:SLOT:\(number % 4 + 1)", as: worker)
                let answer = try await bed.scan("PS1:CMD:CALL", as: worker)
                #expect(answer.json["slot"] == .string(String(number % 4 + 1)))
            }
            let called = bed.asked.now.compactMap { entry -> String? in
                if case .call(_, let slot) = entry.request { slot } else { nil }
            }
            #expect(called == (1...30).map { String($0 % 4 + 1) })
        }
    }

    @Test("a scan is told to every page under its id, a badge to none")
    func told() async throws {
        try await OperatorBed.with { bed in
            let worker = try #require(try await bed.everybody()[.operator])
            let events = try await bed.events { events in
                if events.count == 1 {
                    _ = try await bed.scan("PS1:BADGE:SOMEBODY", as: worker)
                    _ = try await bed.scan("PS1:SLOT:2", as: worker, id: "scan-of-slot-2")
                }
                return events.contains { $0.name == "scan" }
            }
            let scans = events.filter { $0.name == "scan" }
            #expect(scans.map { $0.json["id"] } == ["scan-of-slot-2"])
        }
    }

    @Test("a duplicate on hold is let go by a reason and a second person, who is not the first")
    func two() async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            let leader = try #require(sessions[.leader])
            let order = try await bed.order()
            _ = try await bed.board("6055F9000000", in: order, .held, .identityChanged)
            // A hold for a cause outside the board leaves the unit free; a person holds it then.
            _ = try await bed.journal.holdUnit(deviceName: "6055F9000000", reason: "test", actor: "test")
            let asked = try await bed.scan("6055F9000000", as: leader)
            let id = asked.json["ask"]["id"].string ?? ""
            #expect(asked.json["ask"]["kind"] == "reason")
            let second = try await bed.api(
                .POST, "/asks/\(id)", ["reason": "looked at it", "badge": nil, "pin": nil], as: leader)
            #expect(second.json["ask"]["kind"] == "second", "\(second.text)")
            let next = second.json["ask"]["id"].string ?? ""
            let same = try await bed.api(
                .POST, "/asks/\(next)",
                ["badge": .string(OperatorBed.leaderBadge), "pin": .init(OperatorBed.pins["leader"])], as: leader)
            #expect(same.status == 422)
            let worker = try await bed.api(
                .POST, "/asks/\(next)",
                ["badge": .string(OperatorBed.operatorBadge), "pin": .init(OperatorBed.pins["operator"])], as: leader)
            #expect(worker.status == 403)
            let done = try await bed.api(
                .POST, "/asks/\(next)",
                ["badge": .string(OperatorBed.ownerBadge), "pin": .init(OperatorBed.pins["owner"])], as: leader)
            #expect(done.json["result"] == "ok", "\(done.text)")
            #expect(try await bed.journal.unit(deviceName: "6055F9000000").state == .failed)
        }
    }

    @Test("END-SHIFT signs off")
    func endShift() async throws {
        try await OperatorBed.with { bed in
            let worker = try #require(try await bed.everybody()[.operator])
            _ = try await bed.scan("PS1:CMD:END-SHIFT", as: worker)
            #expect(try await bed.scan("PS1:CMD:OK", as: worker).json["result"] == "ok")
            #expect(try await bed.scan("PS1:CMD:OK", as: worker).status == 401)
        }
    }
}
