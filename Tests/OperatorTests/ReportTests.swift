import Foundation
import HTTPTypes
import Journal
import NIOHTTP1
import Provisioning
import Reports
import Testing

@testable import Operator

@Suite("Reports and reconciliation over HTTP")
struct ReportTests {
    /// An order with a board that passed at once, one that passed when it was run again, and one that failed.
    private static func work(_ bed: OperatorBed) async throws {
        let order = try await bed.order()
        _ = try await bed.board("6055F9000000", in: order, .fail, .notReady)
        _ = try await bed.board("6055F9000000", in: order, .pass)
        _ = try await bed.board("6055F9000010", in: order, .pass)
        _ = try await bed.board("6055F9000020", in: order, .fail, .notReady)
    }

    @Test("a batch's report is as its schema says, and each format tells the same figures")
    func batch() async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            try await Self.work(bed)
            let report = try await bed.api(.GET, "/reports/batch/WO-0001", as: sessions[.owner])
            #expect(report.status == 200, "\(report.text)")
            #expect(Schema.report.problems(report.json) == [])
            #expect(report.json["counts"]["input"] == 3)
            #expect(report.json["counts"]["first_pass"] == 1)
            #expect(report.json["counts"]["after_retest"] == 1)
            #expect(report.json["rates"]["fpy_bp"] == 3333)
            #expect(report.json["cut"]["seq"] == .int(try await bed.journal.lastSequence()))

            let csv = try await bed.api(.GET, "/reports/batch/WO-0001?format=csv&language=en", as: sessions[.leader])
            #expect(csv.headers["content-type"].first == "text/csv; charset=utf-8")
            #expect(csv.headers["content-disposition"].first?.contains("batch-WO-0001.csv") == true)
            #expect(csv.text.contains("FPY"))
            let lines = try await bed.api(.GET, "/reports/batch/WO-0001?format=jsonl", as: sessions[.leader])
            let tables = lines.text.split(separator: "\n").compactMap { try? JSONValue(parsing: String($0)) }
            #expect(tables.first { $0["table"] == "counts" }?["input"] == 3)
            let sheet = try await bed.api(.GET, "/reports/batch/WO-0001?format=html", as: sessions[.leader])
            #expect(sheet.headers["content-type"].first == "text/html; charset=utf-8")
            #expect(sheet.headers["x-frame-options"].first == "SAMEORIGIN")
            let policy = sheet.headers["content-security-policy"].first ?? ""
            #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
            #expect(policy.hasSuffix("frame-ancestors 'self'"))
        }
    }

    @Test(
        "what is asked wrongly is refused",
        arguments: [
            ("/reports/batch/WO-0009", 404), ("/reports/batch/WO-0001?format=pdf", 422),
            ("/reports/shift/2026-11-26/day", 404), ("/reports/station?from=yesterday", 422),
            ("/orders/WO-0009/reconciliation", 404), ("/orders/WO-0001/reconciliation?limit=many", 422),
        ])
    func refused(path: String, status: Int) async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            try await Self.work(bed)
            let answer = try await bed.api(.GET, path, as: sessions[.leader])
            #expect(answer.status == status, "\(answer.text)")
            #expect(try await bed.api(.GET, path, as: sessions[.operator]).status == 403)
        }
    }

    @Test("a shift's report and the list of shifts tell whose figures they are")
    func shift() async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            let now = Date(timeIntervalSince1970: 1_795_000_000)
            try await bed.journal.beginShift(
                ShiftPlan(
                    date: "2026-11-18", name: "day", from: now, until: now + 8 * 3600, zone: "Asia/Shanghai",
                    planPerHour: 60, people: ["Li Wei"]), actor: "test")
            try await Self.work(bed)
            let list = try await bed.api(.GET, "/reports/shifts", as: sessions[.leader]).json["shifts"].array ?? []
            #expect(list.map { $0["shift"] } == ["2026-11-18/day"])
            #expect(list.flatMap { Schema.shift.problems($0) } == [])
            let open = try await bed.api(.GET, "/reports/shift/2026-11-18/day", as: sessions[.leader])
            #expect(Schema.report.problems(open.json) == [])
            #expect(open.json["counts"]["input"] == 3)
            #expect(open.json["shift"]["people"] == ["Li Wei"])
            #expect(open.json["shift"]["ended"] == .null)
        }
    }

    @Test("a reconciliation's classes stand in the order of their tests, also before there is one")
    func classes() async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            _ = try await bed.order()
            let answer = try await bed.api(.GET, "/orders/WO-0001/reconciliation?class=ok", as: sessions[.leader])
            #expect(Schema.reconciliation.problems(answer.json) == [])
            #expect(answer.json["result"] == .null)
            #expect(
                answer.json["classes"].array?.map { $0["class"].string }
                    == ReconcileClass.allCases.map { $0.name })
        }
    }

    @Test("a file of a reconciliation that cannot be written is told with its place and cause")
    func unwritable() {
        let error = #expect(throws: ArchiveError.self) { try LineFile(path: "/proc/rows.jsonl") }
        let problem = error.map { Problem($0) }
        #expect(problem?.detail.en.hasPrefix("cannot write /proc/rows.jsonl.new: ") == true)
        #expect(problem?.status == .unprocessableContent)
    }

    @Test("the rows of a class come page by page, each with who may do what about it")
    func rows() async throws {
        try await OperatorBed.with { bed in
            let sessions = try await bed.everybody()
            let order = try await bed.order()
            let files = ReconcileFiles(dataFolder: bed.journal.folder)
            try files.prepare()
            let lines = try LineFile(path: files.rows(1))
            for number in 0..<7 {
                let row: JSONValue = [
                    "device_name": .string("d\(number)"),
                    "class": .string(number == 3 ? "ok" : "registered-never-flashed"),
                    "evidence": [:],
                    "action": number == 3
                        ? .null : ["key": .string(number == 0 ? "place" : "clean-up"), "zh": "", "en": ""],
                ]
                try lines.write(row.text)
            }
            let digest = try lines.finish()
            _ = try await bed.journal.concludeReconciliation(
                1, order: order.id,
                body: [
                    "reconciliation": 1, "order": .string(order.id), "open": 6, "rows_sha256": .string(digest),
                    "counts": ["registered-never-flashed": 6, "ok": 1],
                ], actor: "test")
            let path = "/orders/WO-0001/reconciliation?class=registered-never-flashed&limit=4"
            let first = try await bed.api(.GET, path, as: sessions[.leader]).json
            #expect(first["rows"].array?.map { $0["device_name"].string } == ["d0", "d1", "d2", "d4"])
            #expect(first["next"] == 4)
            #expect(first["rows"].array?.first?["action"]["permission"] == .null)
            #expect(first["rows"].array?.last?["action"]["permission"] == "order.change")
            #expect(first["rows"].array?.last?["action"]["role"] == "leader")
            let second = try await bed.api(.GET, path + "&after=4", as: sessions[.leader]).json
            #expect(second["rows"].array?.map { $0["device_name"].string } == ["d5", "d6"])
            #expect(second["next"] == .null)

            let act = "/orders/WO-0001/reconciliation/actions"
            func body(_ action: String) -> JSONValue {
                ["device_name": "d1", "action": .string(action), "reason": "found"]
            }
            #expect(try await bed.api(.POST, act, body("clean-up"), as: sessions[.operator]).status == 403)
            #expect(try await bed.api(.POST, act, body("place"), as: sessions[.leader]).status == 422)
            let noCloud = try await bed.api(.POST, act, body("clean-up"), as: sessions[.leader])
            #expect(noCloud.status == 422)
            #expect(noCloud.json["detail"] == "no cloud is configured")
        }
    }
}
