import Foundation
import Journal
import NIOHTTP1
import Provisioning
import Testing

@testable import Operator

@Suite("Shifts and orders of a file over the API")
struct ShiftRoutesTests {
    /// An open shift.
    private func begin(_ bed: OperatorBed) async throws -> Shift {
        let from = Date(timeIntervalSince1970: 1_795_000_000)
        return try await bed.journal.beginShift(
            ShiftPlan(
                date: "2026-11-18", name: "day", from: from, until: from + 12 * 3600, zone: "Asia/Shanghai",
                planPerHour: 120, people: ["Li Wei"]), actor: "test")
    }

    @Test("a leader extends, notes and ends the shift; the note is there when the next one begins")
    func life() async throws {
        try await OperatorBed.with { bed in
            let people = try await bed.everybody()
            let (leader, worker) = (try #require(people[.leader]), try #require(people[.operator]))
            #expect(try await bed.api(.GET, "/shift", as: worker).json["shift"] == .null)
            let shift = try await begin(bed)
            #expect(try await bed.api(.GET, "/shift", as: worker).json["shift"] == shift.json)
            let minutes: JSONValue = ["minutes": 30, "reason": "late boards"]
            #expect(try await bed.api(.POST, "/shift/extend", minutes, as: worker).status == 403)
            let extended = try await bed.api(
                .POST, "/shift/extend", ["minutes": 30, "reason": "late boards"], as: leader)
            #expect(extended.json["planned_until"].string == Shift.text(shift.plan.until + 1800), "\(extended.text)")
            #expect(
                try await bed.api(.POST, "/shift/extend", ["minutes": 721, "reason": "x"], as: leader).status == 422)
            _ = try await bed.api(.POST, "/shift/note", ["note": "slot 3\nis loose"], as: leader)
            let ended = try await bed.api(.POST, "/shift/end", [:], as: worker)
            #expect(ended.status == 200 && ended.json["end"] == "command", "\(ended.text)")
            let now = try await bed.api(.GET, "/shift", as: leader).json
            #expect(now["shift"] == .null)
            #expect(now["handover"] == ["shift": "2026-11-18/day", "note": "slot 3\nis loose"])
            #expect(try await bed.api(.POST, "/shift/end", [:], as: leader).status == 409)
        }
    }

    @Test(
        "the END SHIFT card asks for a note and ends the shift; the OK card ends it without one",
        arguments: [true, false])
    func card(hasNote: Bool) async throws {
        try await OperatorBed.with { bed in
            let worker = try #require(try await bed.everybody()[.operator])
            _ = try await begin(bed)
            let asked = try await bed.scan("PS1:CMD:END-SHIFT", as: worker).json
            #expect(asked["ask"]["kind"] == "note", "\(asked.text)")
            #expect(asked["en"].string?.contains("2026-11-18/day") == true)
            let done =
                hasNote
                ? try await bed.api(
                    .POST, "/asks/\(asked["ask"]["id"].string ?? "")",
                    ["reason": "reel is low", "badge": nil, "pin": nil],
                    as: worker)
                : try await bed.scan("PS1:CMD:OK", as: worker)
            #expect(done.json["result"] == "ok", "\(done.text)")
            let ended = try #require(try await bed.journal.shift("2026-11-18/day"))
            #expect(ended.end == .card)
            #expect(ended.note == (hasNote ? "reel is low" : nil))
        }
    }

    @Test("who is at the line is the operator, else a leader, else an engineer")
    func onDuty() async throws {
        try await OperatorBed.with { bed in
            #expect(bed.server.onDuty == nil)
            let people = try await bed.everybody()
            let name = { (role: Role) async throws -> String? in
                try await bed.api(.GET, "/session", as: people[role]).json["person"]["name"].string
            }
            #expect(bed.server.onDuty == (try await name(.operator)))
            _ = try await bed.api(.DELETE, "/session", as: people[.operator])
            #expect(bed.server.onDuty == (try await name(.leader)))
            _ = try await bed.api(.DELETE, "/session", as: people[.leader])
            #expect(bed.server.onDuty == (try await name(.engineer)))
        }
    }

    @Test("a file of orders is refused with every problem by its line, or taken whole; an order is amended")
    func orders() async throws {
        try await OperatorBed.with { bed in
            let engineer = try #require(try await bed.everybody()[.engineer])
            try await bed.journal.addRelease(
                Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00"), actor: "test")
            let head = "product_key,release,profile,quota,offline_boards\n"
            let good = "a1Tq7Wn2Xe0,1.0.0,esp32c3,500,50\n"
            let refused = try await bed.api(
                .POST, "/orders/import", ["text": .string(head + good + "a1Tq7Wn2Xe0,1.0.1,esp32c3,x,50\n")],
                as: engineer)
            #expect(refused.status == 422)
            let problem = try #require(refused.json["problems"].array?.first, "\(refused.text)")
            #expect(problem["line"] == 3 && problem["field"] == "quota" && problem["column"] == 27)
            #expect(problem["zh"].string?.isEmpty == false)
            #expect(try await bed.journal.orders().isEmpty)
            let made = try await bed.api(.POST, "/orders/import", ["text": .string(head + good)], as: engineer)
            #expect(made.status == 201, "\(made.text)")
            #expect(made.json["orders"].array?.first?["offline_boards"] == 50)
            let amended = try await bed.api(
                .PATCH, "/orders/WO-0001", ["reason": "more", "quota": 600, "offline_boards": nil], as: engineer)
            #expect(amended.json["quota"] == 600 && amended.json["offline_boards"] == .null, "\(amended.text)")
            let nothing = try await bed.api(.PATCH, "/orders/WO-0001", ["reason": "more"], as: engineer)
            #expect(nothing.status == 422)
        }
    }
}
