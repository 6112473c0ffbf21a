import AliyunIoT
import Foundation
import Locking
import Provisioning
import Simulation
import Testing

@testable import station

/// What happens to whole orders.
extension CrashWorkflow {
    /// Names in advance of an order's boards, from a list.
    static let preregistration = CrashWorkflow(
        name: "names in advance",
        prepare: { line, board in
            line.note("order", board, try await line.order(quota: listed))
            let names = (0..<listed).map { name(board, $0) }
            line.others.withLock { $0.formUnion(names) }
            try (names.joined(separator: "\n") + "\n").write(
                toFile: line.bed.folder + "/list-\(board).csv", atomically: true, encoding: .utf8)
        },
        stages: [
            .command("order preregister") { line, board in
                [
                    "order", "preregister", line.noted("order", board), line.bed.folder + "/list-\(board).csv",
                    "--report",
                    line.bed.folder + "/report-\(board).csv",
                ]
            }
        ],
        check: { line, board in
            let wanted = Set((0..<listed).map { name(board, $0) })
            let made = try await line.cloud.admin.devices().map(\.deviceName).filter(wanted.contains)
            #expect(made.count == listed, "board \(board): \(made.count) devices")
            let report = try String(contentsOfFile: line.bed.folder + "/report-\(board).csv", encoding: .utf8)
            #expect(report.split(whereSeparator: \.isNewline).count { $0.contains(",created,") } == listed)
        })

    /// A batch that is closed, and the texts of its runs moved out of the journal.
    static let closing = CrashWorkflow(
        name: "closing", ways: StationBed.Ways(opensOrder: false),
        prepare: { line, board in
            try await line.turnSwitch(on: true)
            let order = try await line.order(quota: 1)
            line.note("order", board, order)
            try await line.bed.station("order", "open", order)
            try await line.pass(board)
            try await line.turnSwitch(on: false)
        },
        stages: [
            .command("batch close") { ["batch", "close", $0.noted("order", $1)] },
            .command("journal archive") { line, board in
                ["journal", "archive", "--before", "2999-01-01", "--output", line.bed.folder + "/runs-\(board).jsonl"]
            },
        ],
        check: { line, board in
            let (bed, order) = (line.bed, line.noted("order", board))
            let records = try await line.journal.follow()
            let ended = records.filter {
                $0.kind == "order.changed" && $0.body["order"].string == order && $0.body["to"].string == "closed"
            }
            #expect(ended.count == 1, "\(order) was closed \(ended.count) times")
            let key = bed.folder + "/station.pem"
            try await bed.station("batch", "key").appending("\n").write(toFile: key, atomically: true, encoding: .utf8)
            let found = try await Program.station.run(["batch", "verify", bed.data + "/batches/" + order, "--key", key])
            #expect(found.isSuccess, "\(order): \(found.output)\(found.error)")
            let moved = try await bed.station("journal", "archive", "--before", "2999-01-01")
            #expect(moved.contains("no run of an order"), "\(order): \(moved)")
            let folders = try FileManager.default.contentsOfDirectory(atPath: bed.data + "/batches")
            #expect(folders.allSatisfy { !$0.hasPrefix(".") }, "\(folders)")
        },
        // Runs that lie in a file are not in the export any more, and each archive was verified.
        end: { _, _ in })

    /// Names that were made and never flashed, deleted by what a reconciliation says about them.
    static let ghosts = CrashWorkflow(
        name: "ghosts", ways: StationBed.Ways(opensOrder: false),
        prepare: { line, board in
            try await preregistration.prepare(line, board)
            let (order, list) = (line.noted("order", board), line.bed.folder + "/list-\(board).csv")
            try await line.bed.station("order", "preregister", order, list)
            let closing = ["batch", "close", order, "--reason", "over", "--config", line.bed.configuration]
            _ = try await line.command(closing, statuses: [1])
            try await line.cloud.admin.age(product: line.bed.productKey, hours: 25)
        },
        stages: [
            .command("reconcile", statuses: [3]) { ["reconcile", $0.noted("order", $1)] },
            .command("reconcile act") {
                [
                    "reconcile", "act", $0.noted("order", $1), "--class", "registered-never-flashed", "--reason",
                    "over",
                ]
            },
        ],
        check: { line, board in
            let wanted = Set((0..<listed).map { name(board, $0) })
            let left = try await line.cloud.admin.devices().map(\.deviceName).filter(wanted.contains)
            #expect(left.isEmpty, "board \(board): \(left) are left")
        })

    /// A device that is nobody's, found and forbidden.
    static let leak = CrashWorkflow(
        name: "leak",
        prepare: { line, board in
            line.others.withLock { _ = $0.insert("counterfeit-\(board)") }
            try await line.cloud.leak("counterfeit-\(board)")
        },
        stages: [
            .command("reconcile", statuses: [3]) { line, _ in ["reconcile", line.bed.order] },
            .command("reconcile act") { line, _ in
                ["reconcile", "act", line.bed.order, "--class", "active-not-ours", "--reason", "test"]
            },
        ],
        check: { line, board in
            let state = try await line.cloud.device("counterfeit-\(board)")?.state
            #expect(state == .disable, "counterfeit-\(board) is \(state.map { "\($0)" } ?? "gone")")
            let alarms = try await line.journal.follow().filter {
                $0.kind == "leak.alarmed" && $0.body["device_name"].string == "counterfeit-\(board)"
            }
            #expect(alarms.count == 1, "counterfeit-\(board): \(alarms.count) alarms")
        })

    /// Decisions of people, each a command.
    static let decisions = CrashWorkflow(
        name: "decisions", prepare: { line, board in try await line.pass(board) },
        stages: [
            .command("order hold") { line, _ in
                ["order", "hold", line.bed.order, "--reason", "a look"]
            },
            .command("order amend", refusals: ["nothing is to change"]) { line, board in
                ["order", "amend", line.bed.order, "--run-limit", "\(4 + board % 10)", "--reason", "old boards"]
            },
            .command("order open") { line, _ in ["order", "open", line.bed.order, "--reason", "looked at"] },
            .command("unit hold", refusals: ["is held already"]) { line, board in
                ["unit", "hold", line.bed.deviceName(board), "--reason", "a scratch"]
            },
            .command("unit release", refusals: ["is passed, expected held"]) { line, board in
                ["unit", "release", line.bed.deviceName(board), "--reason", "only dust"]
            },
            .command("unit disable") { line, board in
                ["unit", "disable", line.bed.deviceName(board), "--reason", "stolen"]
            },
            .command("unit enable") { line, board in
                ["unit", "enable", line.bed.deviceName(board), "--reason", "found"]
            },
        ],
        check: { line, board in
            try await line.expectPassed(board)
            let order = try await line.bed.station("order", "show", line.bed.order)
            #expect(order.contains("open"), "\(order)")
        })

    private static let listed = 20

    private static func name(_ board: Int, _ number: Int) -> String {
        let low = String(0x10_0000 + (board * listed + number) * 4, radix: 16, uppercase: true)
        return "7CDFA1" + String(repeating: "0", count: 6 - low.count) + low
    }
}
