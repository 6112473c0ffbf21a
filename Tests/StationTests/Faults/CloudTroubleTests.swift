import Foundation
import Provisioning
import Simulation
import Testing

@testable import station

extension ExecutableTests.Lines {
    @Suite("trouble of the cloud and of the clock")
    struct CloudTroubleTests {
        private static let isFull = ProcessInfo.processInfo.environment["STATION_FULL"] == "1"
        private static let shortWaits = "[limits]\nhold_after_seconds = 10"

        /// Faults of one call in a board's way, each gone after a few times.
        private static let spoilt: [(call: String, fault: CloudFault)] =
            isFull
            ? ["QueryDeviceDetail", "RegisterDevice", "BatchGetDeviceState"].flatMap { call in
                CloudFault.allCases.map { (call, $0) }
            }
            : [
                ("RegisterDevice", .lostReply), ("RegisterDevice", .garbage), ("QueryDeviceDetail", .half),
                ("BatchGetDeviceState", .reset), ("QueryDeviceDetail", .throttled),
            ]

        @Test("a call that is spoilt twice makes a board wait, and then it passes", .timeLimit(.minutes(30)))
        func spoilt() async throws {
            let cases = Self.spoilt
            try await StationBed.with(.fixture(boards: cases.count), .init(quota: cases.count)) { bed in
                let (_, status) = try await bed.serve {
                    let (hand, admin) = (try FixtureClient(bed.control), try bed.admin)
                    for (index, spoilt) in cases.enumerated() {
                        try await admin.set(spoilt.fault, of: spoilt.call, times: 2)
                        try await hand.place(index + 1)
                        let end = try await bed.conclusions(index + 1).last
                        #expect(end?.outcome == "pass", "\(spoilt): \(String(describing: end))")
                        try await bed.clear(hand)
                    }
                }
                #expect(status == 0)
                #expect(try await bed.records().firstClaims.count == cases.count)
                #expect(try await bed.devices(of: 1...cases.count).count { $0.activated != nil } == cases.count)
                #expect(try await verifies(bed.data))
            }
        }

        @Test(
            "an outage of the whole station: no more boards than the owner allows wait, and all pass when it is over, once",
            .timeLimit(.minutes(5)))
        func outage() async throws {
            let ways = StationBed.Ways(
                slots: 2, orderOptions: ["--no-first-article", "--no-stop-on-repetition", "--offline-boards", "2"],
                tables: Self.shortWaits)
            try await StationBed.with(.fixture(boards: 3), ways) { bed in
                let (_, status) = try await bed.serve {
                    let hands = try ["slot-1", "slot-2"].map { try FixtureClient(bed.controls[$0] ?? "") }
                    try await bed.record("the probe's answer") { $0.kind == "probe.answered" }
                    try await bed.admin.set(FaultSettings(outageSeconds: 3600))
                    for (index, hand) in hands.enumerated() { try await hand.place(index + 1) }
                    let waiting = try await bed.conclusions(2)
                    #expect(waiting.allSatisfy { $0.outcome == "held" && $0.code == "RG-201" }, "\(waiting)")
                    try await bed.record("the limit") { $0.body["hold_code"].string == "CL-206" }
                    for hand in hands { try await bed.clear(hand) }
                    try await hands[0].place(3)
                    let third = try await bed.conclusions(3).last
                    #expect(third?.outcome == "held" && third?.code == "CL-206", "\(String(describing: third))")
                    #expect(try await bed.records().firstClaims.count == 2)
                    try await bed.clear(hands[0])

                    try await bed.admin.set(FaultSettings(outageSeconds: 0))
                    for (index, hand) in hands.enumerated() { try await hand.place(index + 1) }
                    let drained = try await bed.conclusions(5).suffix(2)
                    #expect(drained.allSatisfy { $0.outcome == "pass" }, "\(drained)")
                    try await bed.record("the open order") {
                        $0.kind == "order.changed" && $0.body["to"].string == "open" && $0.seq > 10
                    }
                    try await bed.clear(hands[0])
                    try await hands[0].place(3)
                    let last = try await bed.conclusions(6).last
                    #expect(last?.outcome == "pass", "\(String(describing: last))")
                }
                #expect(status == 0)
                let records = try await bed.records()
                #expect(records.firstClaims.count == 3)
                #expect(try await bed.devices(of: 1...3).count { $0.activated != nil } == 3)
                let shown = try await bed.station("order", "show", bed.order)
                #expect(shown.contains("3 of 9"), "\(shown)")
                #expect(try await verifies(bed.data))
            }
        }

        @Test(
            "a relay's registration that is carried out late makes void what the board was handed: held, and then it passes",
            .enabled(if: isFull, "only with STATION_FULL=1"), .timeLimit(.minutes(5)))
        func lateRegistration() async throws {
            try await StationBed.with(.fixture(boards: 1), .init(activation: "relay")) { bed in
                let (_, status) = try await bed.serve {
                    let (hand, admin) = (try FixtureClient(bed.control), try bed.admin)
                    try await bed.record("the probe's answer") { $0.kind == "probe.answered" }
                    let before = try await admin.calls()["register-https", default: 0]
                    try await admin.set(.lateCall, of: "register-https", times: 1)
                    try await hand.place(1)
                    try await eventually("the second registration") {
                        try await admin.calls()["register-https", default: 0] > before ? true : nil
                    }
                    try await admin.takeBackCallFaults()
                    let held = try await bed.conclusions(1).last
                    #expect(held?.outcome == "held" && held?.code == "AC-201", "\(String(describing: held))")
                    try await bed.clear(hand)
                    try await hand.place(1)
                    let end = try await bed.conclusions(2).last
                    #expect(end?.outcome == "pass", "\(String(describing: end))")
                }
                #expect(status == 0)
                #expect(try await bed.devices().count == 1)
            }
        }

        private static let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

        /// Removes what faketime left in shared memory for processes that are gone.
        private static func removeSharedClocks() {
            let folder = "/dev/shm"
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            where name.contains("faketime_") {
                guard let process = name.split(separator: "_").last,
                    !FileManager.default.fileExists(atPath: "/proc/\(process)")
                else { continue }
                try? FileManager.default.removeItem(atPath: folder + "/" + name)
            }
        }

        /// Seconds by which the clock jumps while the station runs.
        private static let jumps = isFull ? [3600, -3600, 86_400, -86_400, -172_800] : [3600, -172_800]

        @Test(
            "a clock that jumps: a board is held and not made in the cloud, and passes when the clock is right again",
            .enabled(if: FileManager.default.fileExists(atPath: library), "faketime is not installed"),
            .enabled(if: StorageFault.isThere, "the build has no libstorage-preload.so"),
            .timeLimit(.minutes(10)))
        func clock() async throws {
            let jumps = Self.jumps
            try await StationBed.with(.fixture(boards: jumps.count), .init(tables: Self.shortWaits)) { bed in
                let file = bed.folder + "/clock"
                @Sendable func jump(_ seconds: Int) throws {
                    try (seconds < 0 ? "\(seconds)" : "+\(seconds)").write(
                        toFile: file, atomically: true, encoding: .utf8)
                }
                try jump(0)
                let clock = [
                    "LD_PRELOAD": StorageFault.library + ":" + Self.library, "FAKETIME_TIMESTAMP_FILE": file,
                    "FAKETIME_NO_CACHE": "1",
                    "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                ]
                let (_, status) = try await bed.serve(environment: clock) {
                    let hand = try FixtureClient(bed.control)
                    try await bed.record("the probe's answer") { $0.kind == "probe.answered" }
                    for (index, seconds) in jumps.enumerated() {
                        let board = index + 1
                        try jump(seconds)
                        try await hand.place(board)
                        let held: JournalRecords.Conclusion?
                        do { held = try await bed.conclusions(board * 2 - 1).last } catch {
                            let log = try? String(contentsOfFile: bed.folder + "/serve.log", encoding: .utf8)
                            throw TestTrouble("\(seconds): \(error)\n\(log?.suffix(2000) ?? "")")
                        }
                        #expect(
                            held?.outcome == "held" && held?.code == "RG-201", "\(seconds): \(String(describing: held))"
                        )
                        #expect(try await bed.devices(board).isEmpty)
                        try jump(0)
                        try await bed.clear(hand)
                        try await hand.place(board)
                        let end = try await bed.conclusions(board * 2).last
                        #expect(end?.outcome == "pass", "\(seconds): \(String(describing: end))")
                        try await bed.clear(hand)
                    }
                }
                #expect(status == 0)
                Self.removeSharedClocks()
                #expect(try await bed.records().firstClaims.count == jumps.count)
                #expect(try await bed.devices(of: 1...jumps.count).count { $0.activated != nil } == jumps.count)
                #expect(try await verifies(bed.data))
            }
        }
    }
}
