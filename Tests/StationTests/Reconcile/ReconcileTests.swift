import AliyunIoT
import Foundation
import Provisioning
import Reports
import Simulation
import Testing

extension ExecutableTests.Records {
    @Suite("reconciliation: what happened behind the station's back is found, and what is done about it clears it")
    struct ReconcileTests {
        @Test(
            "a device activated behind its back, a reset without record, one deleted: each in its class, each action clears it",
            .timeLimit(.minutes(5)))
        func behindTheBack() async throws {
            try await StationBed.with(.board(), .init(behaviour: "reset_rotates_secret = true")) { bed in
                _ = try await bed.serve { try await bed.conclusions(1) }
                try await ReconcileFloor.with(bed) { floor in
                    let name = bed.deviceName()
                    let clean = try await floor.reconcile()
                    #expect(clean.code == 0, "\(clean.trouble)")
                    #expect(clean.classes == [name: "ok"])
                    #expect(clean.result["reset_detection"].string == "by-digest")

                    try await floor.leak("counterfeit-1")
                    let iotID = try await floor.device(name)?.iotID ?? ""
                    try await floor.api.resetThing(iotID: iotID)
                    try await floor.register(name)
                    let found = try await floor.reconcile()
                    #expect(found.code == 3, "\(found.trouble)")
                    #expect(found.classes == [name: "reset-without-record", "counterfeit-1": "active-not-ours"])

                    let stopped = try await floor.act("active-not-ours")
                    #expect(stopped.code == 0 && stopped.output.contains("动态注册"), "\(stopped.error)")
                    #expect(try await floor.device("counterfeit-1")?.state == .disable)
                    #expect(try await bed.records().all("leak.alarmed").count == 1)
                    let reset = try await floor.act("reset-without-record")
                    #expect(reset.code == 0 && reset.output.contains("a reset is ordered"), "\(reset.error)")
                    _ = try await bed.serve { try await bed.conclusions(2) }
                    let again = try await floor.reconcile()
                    #expect(again.code == 0, "\(again.classes) \(again.trouble)")
                    #expect(again.classes == [name: "ok"])

                    try await floor.api.deleteDevice(iotID: iotID)
                    let gone = try await floor.reconcile()
                    #expect(gone.classes == [name: "deleted-in-cloud"])
                    let scrapped = try await floor.act("deleted-in-cloud")
                    #expect(scrapped.code == 0, "\(scrapped.output) \(scrapped.error)")
                    let last = try await floor.reconcile()
                    #expect(last.code == 0 && last.classes == [name: "scrapped"])
                    // Asked for again it does nothing.
                    #expect(try await floor.act("deleted-in-cloud").code == 0)
                    #expect(try await bed.records().all("reconcile.concluded").count == 5)
                    #expect(try await verifies(bed.data))
                }
            }
        }

        @Test("a second ClientID is a duplicate, and switching to the board's own clears it", .timeLimit(.minutes(3)))
        func secondClientID() async throws {
            try await StationBed.with(.board(), .init(mode: .noPreregistration)) { bed in
                _ = try await bed.serve { try await bed.conclusions(1) }
                try await ReconcileFloor.with(bed) { floor in
                    #expect(try await floor.reconcile().code == 0)
                    try await floor.registerAgain(bed.deviceName())
                    let found = try await floor.reconcile()
                    #expect(found.code == 3)
                    #expect(found.classes == [bed.deviceName(): "duplicate-client-ids"], "\(found.trouble)")
                    #expect(found.result["reset_detection"].string == "not-detectable")
                    let kept = try await floor.act("duplicate-client-ids")
                    #expect(kept.code == 0 && kept.output.contains("is kept"), "\(kept.error)")
                    let again = try await floor.reconcile()
                    #expect(again.code == 0 && again.classes == [bed.deviceName(): "ok"], "\(again.classes)")
                }
            }
        }

        @Test(
            "ghosts: killed while the cloud is paged it goes on where it stood; they are cleaned up by the exact rule",
            .enabled(if: CrashMatrix.isPossible, "release builds have no places to be cut at"), .timeLimit(.minutes(5)))
        func ghosts() async throws {
            try await StationBed.with(.fixture(boards: 1)) { bed in
                try await ReconcileFloor.with(bed) { floor in
                    let order = try await bed.station(
                        "order", "create", "--product", bed.productKey, "--release", StationBed.version, "--profile",
                        "esp32c3", "--quota", "200")
                    let list = bed.folder + "/macs.csv"
                    try (0..<120).map { Self.mac($0) + "\n" }.joined().write(
                        toFile: list, atomically: true, encoding: .utf8)
                    _ = try await bed.station("order", "preregister", order, list)

                    let killed = try await Program.station.run(
                        ["reconcile", order, "--config", bed.configuration],
                        environment: ["STATION_CUT": "reconcile.paged"])
                    try #require(killed.signal == SIGKILL, "\(killed.status): \(killed.error)")
                    let spool = try CloudSpool(
                        path: ReconcileFiles(dataFolder: bed.data).spool(productKey: bed.productKey))
                    let half = try #require(try await spool.reading())
                    #expect(half.devices == 50 && half.next != nil && half.total == 120)
                    let found = try await floor.reconcile(order)
                    #expect(found.code == 3, "\(found.trouble)")
                    #expect(found.result["cloud_began"].string == half.began, "it was begun anew")
                    #expect(found.result["devices"].int == 120)
                    #expect(found.classes.count == 120)
                    #expect(Set(found.classes.values) == ["registered-never-flashed"])

                    let early = try await floor.act("registered-never-flashed", order: order)
                    #expect(early.code == 1 && early.output.contains("its names may still be used"), "\(early.output)")
                    // Rows are open: it waits as closing, in which no board is taken.
                    let closing = try await Program.station.run([
                        "batch", "close", order, "--reason", "over", "--config", bed.configuration,
                    ])
                    #expect(closing.code == 1, "\(closing.error)")
                    let young = try await floor.act("registered-never-flashed", order: order)
                    #expect(young.code == 1 && young.output.contains("less than 24 h ago"), "\(young.output)")
                    try await floor.admin.age(product: bed.productKey, hours: 25)
                    // One of them has become somebody's meanwhile.
                    try await floor.connect(Self.mac(7))

                    let cut = try await Program.station.run(
                        [
                            "reconcile", "act", order, "--class", "registered-never-flashed", "--reason", "over",
                            "--config", bed.configuration,
                        ], environment: ["STATION_CUT": "name.delete.after"])
                    #expect(cut.signal == SIGKILL, "\(cut.status): \(cut.error)")
                    let first = try await floor.act("registered-never-flashed", order: order)
                    #expect(first.output.contains("20 more rows"), "\(first.output.suffix(500))")
                    let second = try await floor.reconcile(order)
                    #expect(second.classes.count == 21)
                    #expect(second.classes[Self.mac(7)] == "active-not-ours")
                    _ = try await floor.act("registered-never-flashed", order: order)
                    _ = try await floor.act("active-not-ours", order: order)
                    let left = try await floor.api.queryDeviceStatistics(productKey: bed.productKey)
                    #expect(left.deviceCount == 1)
                    let deleted = try await bed.records().all("intent.finished").filter {
                        $0.body["effect"].string == "delete" && $0.body["known"].bool == true
                    }
                    #expect(deleted.count == 119)
                    let last = try await floor.reconcile(order)
                    #expect(last.code == 0 && last.classes.isEmpty, "\(last.classes)")
                    #expect(try await verifies(bed.data))
                }
            }
        }

        @Test("what was packed is compared too, and a list with problems is refused whole", .timeLimit(.minutes(3)))
        func packed() async throws {
            try await StationBed.with { bed in
                let (found, status) = try await bed.serve {
                    _ = try await bed.conclusions(1)
                    return try await ReconcileFloor.with(bed) { floor in
                        let file = bed.folder + "/boxes.csv"
                        try "mac\nnonsense nonsense\n".write(toFile: file, atomically: true, encoding: .utf8)
                        let refused = try await floor.reconcile(packed: file)
                        #expect(refused.code == 1 && refused.trouble.contains("line 2:"), "\(refused.trouble)")
                        try "box,mac\n1,\(Self.mac(1))\n1,\(Self.mac(1))\n".write(
                            toFile: file, atomically: true, encoding: .utf8)
                        let found = try await floor.reconcile(packed: file)
                        #expect(found.result["packed_sha256"].string?.count == 64)
                        let shown = try await Program.station.run([
                            "reconcile", "show", bed.order, "--format", "csv", "--config", bed.configuration,
                        ])
                        #expect(shown.code == 3 && shown.output.hasPrefix("\u{FEFF}"))
                        return found.classes
                    }
                }
                #expect(status == 0)
                #expect(found == [bed.deviceName(): "passed-not-packed", Self.mac(1): "packed-unknown"])
            }
        }

        private static func mac(_ number: Int) -> String {
            let low = String(0x10_0000 + number * 4, radix: 16, uppercase: true)
            return "7CDFA1" + String(repeating: "0", count: 6 - low.count) + low
        }
    }
}
