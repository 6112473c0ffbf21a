import Foundation
import Journal
import NIOHTTP1
import Provisioning
import Testing

@testable import Operator

@Suite("Orders and units over HTTP")
struct UnitTests {
    @Test("a unit's life tells runs with steps, records and what may be done, as its schema says")
    func life() async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            let order = try await bed.order()
            _ = try await bed.board("6055F9000000", in: order, .fail, .notReady)
            _ = try await bed.board("6055F9000000", in: order, .pass)
            _ = try await bed.board("6055F9000010", in: order, .pass)
            let answer = try await bed.api(.GET, "/units/6055f9000000", as: sessions[.operator])
            #expect(answer.status == 200)
            #expect(Schema.unitLife.problems(answer.json) == [])
            let runs = answer.json["runs"].array ?? []
            #expect(runs.map { $0["outcome"] } == ["fail", "pass"])
            #expect(runs.first?["code"] == "BT-101")
            #expect(runs.first?["steps"].array?.first?["step"] == "identify")
            #expect(runs.first?["zh"]["happened"].string?.isEmpty == false)
            let records = answer.json["records"].array ?? []
            #expect(
                records.map { $0["kind"].string } == [
                    "run.started", "claim.bound", "run.concluded", "run.started", "claim.bound", "run.concluded",
                ])
            let reset = answer.json["actions"].array?.first { $0["action"] == "reset" }
            #expect(reset?["allowed"] == false)
            #expect(try await bed.api(.GET, "/units/NOBODY", as: sessions[.operator]).status == 404)
        }
    }

    @Test("an order is made and opened; its figures count units, never runs")
    func order() async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            try await bed.journal.addRelease(
                Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00"), actor: "test")
            let made = try await bed.api(
                .POST, "/orders",
                ["product_key": "a1test", "release": "1.0.0", "profile": "esp32c3", "quota": 5, "window": nil],
                as: sessions[.engineer])
            #expect(made.status == 201, "\(made.text)")
            #expect(Schema.order.problems(made.json) == [])
            let opened = try await bed.api(
                .POST, "/orders/WO-0001/state", ["state": "open", "reason": "shift"], as: sessions[.leader])
            #expect(opened.json["state"] == "open")
            let order = try #require(try await bed.journal.order("WO-0001"))
            _ = try await bed.board("6055F9000000", in: order, .fail, .notReady)
            _ = try await bed.board("6055F9000000", in: order, .pass)
            _ = try await bed.board("6055F9000010", in: order, .pass)
            _ = try await bed.board("6055F9000020", in: order, .fail, .notReady)
            let list = try await bed.api(.GET, "/orders", as: sessions[.operator])
            #expect(list.json["orders"].array?.map { $0["passed"] } == [2])
            #expect(list.json["orders"].array?.map { $0["failed"] } == [1])
            let missing = try await bed.api(
                .POST, "/orders/WO-0009/state", ["state": "open", "reason": "x"], as: sessions[.leader])
            #expect(missing.status == 404)
        }
    }

    @Test("what changes in the journal comes to every page within moments")
    func follows() async throws {
        try await OperatorBed.with { bed in
            let events = try await bed.events { events in
                if events.count == 1 {
                    let order = try await bed.order()
                    _ = try await bed.board("6055F9000000", in: order, .held, .activateCloud)
                }
                return events.contains { $0.name == "tray" }
            }
            let order = try #require(events.last { $0.name == "order" })
            #expect(Schema.order.problems(order.json) == [])
            let tray = try #require(events.last { $0.name == "tray" })
            #expect(tray.json.array?.first?["unit"] == "6055F9000000")
            #expect(tray.json.array?.first?["code"] == "AC-201")
        }
    }

    @Test("anyone on the line may hold a unit; letting it go takes a leader")
    func hold() async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            let order = try await bed.order()
            _ = try await bed.board("6055F9000000", in: order, .fail, .notReady)
            let held = try await bed.api(
                .POST, "/units/6055F9000000/hold", ["reason": "smells burnt"], as: sessions[.operator])
            #expect(held.json["state"] == "held", "\(held.text)")
            #expect(Schema.unit.problems(held.json) == [])
            let denied = try await bed.api(
                .POST, "/units/6055F9000000/release", ["reason": "fine"], as: sessions[.operator])
            #expect(denied.status == 403)
            let released = try await bed.api(
                .POST, "/units/6055F9000000/release", ["reason": "fine"], as: sessions[.leader])
            #expect(released.json["state"] == "failed")
        }
    }

    @Test("that a board is destroyed takes two people, whom the journal would name")
    func two() async throws {
        try await OperatorBed.with { bed in
            let leader = try #require(try await bed.everybody()[.leader])
            let order = try await bed.order()
            _ = try await bed.board("6055F9000000", in: order, .fail, .notReady)
            let one = try await bed.api(
                .POST, "/units/6055F9000000/scrap",
                ["reason": "cracked", "identity": nil, "destroyed": true, "client_id": nil, "second": nil], as: leader)
            #expect(one.status == 422)
            let other = try await bed.api(
                .POST, "/units/6055F9000000/scrap", ["reason": "cracked", "identity": "6055F9000010"], as: leader)
            #expect(other.status == 422)
            #expect(other.json["detail"].string?.contains("identity") == true)
        }
    }
}
