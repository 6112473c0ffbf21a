import Foundation
import Provisioning
import Simulation
import Testing

@testable import station

/// What happens to one board on a slot.
extension CrashWorkflow {
    /// A bare board, from its place on the slot to its pass; the cloud's probe name has to be made anew.
    static let firstRun = CrashWorkflow(
        name: "first run",
        prepare: { line, board in
            try await line.forgetProbe()
            try await line.place(board)
        }, stages: [.serve], check: { line, board in try await line.expectPassed(board) },
        end: { line, last in
            try await line.place(last)
            _ = try await line.serve(.none) {
                try await line.journal.follow().last { $0.kind == "claim.refused" }?.body["failure_code"].string
                    == "CL-201"
            }
            try await line.checkBatch()
        })

    /// A board that is given the line's network by a command and must lose it again.
    static let network = CrashWorkflow(
        name: "first run with the line's network", ways: StationBed.Ways(profile: "esp32"),
        prepare: { line, board in try await line.place(board) }, stages: [.serve],
        check: { line, board in try await line.expectPassed(board) })

    static let reflash = CrashWorkflow(
        name: "re-flash",
        prepare: { line, board in
            try await line.pass(board)
            line.note("secret", board, try line.bed.nvs(board).base64EncodedString())
        },
        stages: [
            .command("unit reflash") { ["unit", "reflash", $0.bed.deviceName($1), "--reason", "new release"] }, .serve,
        ],
        check: { line, board in
            try await line.expectPassed(board, passes: 2)
            let kept = try line.bed.nvs(board).base64EncodedString() == line.noted("secret", board)
            #expect(kept, "board \(board): its DeviceSecret changed")
        })

    static let reset = CrashWorkflow(
        name: "reset", ways: StationBed.Ways(behaviour: "reset_rotates_secret = true"),
        prepare: reflash.prepare,
        stages: [
            .command("unit reset") { ["unit", "reset", $0.bed.deviceName($1), "--reason", "lost its secret"] }, .serve,
        ],
        check: { line, board in
            try await line.expectPassed(board, passes: 2)
            let kept = try line.bed.nvs(board).base64EncodedString() == line.noted("secret", board)
            #expect(!kept, "board \(board): its DeviceSecret is the one from before")
        })

    static let replace = CrashWorkflow(
        name: "replace", boardsEach: 2,
        prepare: { line, board in try await line.pass(board) },
        stages: [
            .command("unit replace", refusals: ["it is replaced"]) { line, board in
                [
                    "unit", "replace", line.bed.deviceName(board), "--with", line.bed.deviceName(line.other(board)),
                    "--reason", "dead",
                ]
            },
            Stage(name: "serve") { line, board, places in
                try await line.place(line.other(board))
                return try await line.serveOneRun(places)
            },
        ],
        check: { line, board in
            try await line.expectPassed(line.other(board))
            let gone = try await line.cloud.device(line.bed.deviceName(board)) == nil
            #expect(gone, "board \(board): its device is still there")
        })

    static let scrap = CrashWorkflow(
        name: "scrap", prepare: { line, board in try await line.pass(board) },
        stages: [
            .command("unit scrap", refusals: ["it is scrapped"]) {
                ["unit", "scrap", $0.bed.deviceName($1), "--reason", "broken", "--destroyed", "--second", "engineer"]
            }, .serve,
        ],
        check: { line, board in
            let ends = try await line.ends(board)
            #expect(ends.count { $0.outcome == "pass" } == 1, "board \(board): \(ends)")
            let refused = try await line.journal.follow().last { $0.kind == "claim.refused" }
            #expect(
                refused?.body["failure_code"].string == "CL-105",
                "board \(board): \(refused?.body.text ?? "no refusal")")
            let gone = try await line.cloud.device(line.bed.deviceName(board)) == nil
            #expect(gone, "board \(board): its device is still there")
        })

    static let withoutPreregistration = CrashWorkflow(
        name: "first run without pre-registration", ways: StationBed.Ways(mode: .noPreregistration),
        prepare: { line, board in try await line.place(board) }, stages: [.serve],
        check: { line, board in try await line.expectPassed(board) })

    static let relay = CrashWorkflow(
        name: "relay", ways: StationBed.Ways(activation: "relay"),
        prepare: { line, board in try await line.place(board) }, stages: [relayed],
        check: { line, board in try await line.expectPassed(board, besides: ["AC-104", "CL-104"]) })

    static let relayWithoutPreregistration = CrashWorkflow(
        name: "relay without pre-registration",
        ways: StationBed.Ways(mode: .noPreregistration, activation: "relay"),
        prepare: { line, board in
            try await line.pass(board)
            try await line.bed.station("unit", "reflash", line.bed.deviceName(board), "--reason", "again")
        }, stages: [relayed], check: { line, board in try await line.expectPassed(board, passes: 2) })

    /// `serve`; where the relay was cut off after its first connection, a leader orders the reset that it takes then.
    private static let relayed = Stage(name: "serve") { line, board, places in
        let ending = try await line.serveOneRun(places)
        guard ending == .ended(0), try await line.ends(board).last?.code == "AC-104" else { return ending }
        try await line.bed.station("unit", "reset", line.bed.deviceName(board), "--reason", "cut off")
        return try await line.serveOneRun(.none)
    }
}

extension CrashLine {
    /// The second board of a time that takes two.
    func other(_ board: Int) -> Int { board + (bed.ways.quota / 2) }
}
