import Foundation
import Provisioning
import Testing

extension ExecutableTests.Lines {
    @Suite("serve on a disk that fills up or breaks")
    struct StorageStopTests {
        /// What breaks in the middle of a run.
        struct Trouble: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let path: @Sendable (StationBed) -> String
            let calls: String
            let kind: StorageFault.Kind
        }

        static let troubles = [
            Trouble(testDescription: "full", path: { $0.data + "/journal.sqlite" }, calls: "write", kind: .ENOSPC),
            Trouble(testDescription: "sync fails", path: { $0.data + "/journal.sqlite" }, calls: "sync", kind: .EIO),
        ]

        static let tried = FileFaultTests.isFull ? troubles : [troubles[0]]

        @Test(
            "it stops with ST-101 on every slot and the terminal, no board passes, and it goes on when there is room",
            .enabled(if: StorageFault.isThere, "the build has no libstorage-preload.so"), .timeLimit(.minutes(5)),
            arguments: tried)
        func stops(_ trouble: Trouble) async throws {
            var ways = StationBed.Ways()
            ways.hasPage = true
            try await StationBed.with(.board(pace: 460_800), ways) { bed in
                let full = bed.folder + "/full"
                let fault = StorageFault(
                    path: trouble.path(bed), calls: trouble.calls, kind: trouble.kind, when: full,
                    log: bed.folder + "/faults.log")
                // It ends by itself; its end is the test's.
                let log = bed.folder + "/serve.log"
                #expect(FileManager.default.createFile(atPath: log, contents: nil))
                async let serving = Program(path: "/bin/sh").run(
                    [
                        "-c", "exec \"$0\" serve --config \"$1\" >\"$2\" 2>&1", Program.station.path, bed.configuration,
                        log,
                    ],
                    environment: fault.environment)
                let seen = bed.folder + "/page.log"
                let reader = """
                    import sys, urllib.request
                    for line in urllib.request.urlopen(sys.argv[1] + "api/v1/events"):
                        sys.stdout.buffer.write(line)
                        sys.stdout.flush()
                    """
                let address = try await bed.page().url
                _ = try? await Program(path: "/usr/bin/env").running(
                    ["python3", "-u", "-c", reader, address], log: seen
                ) {
                    try await bed.record("the flash intent") {
                        $0.kind == "intent.begun" && $0.body["effect"].string == "flash"
                    }
                    #expect(FileManager.default.createFile(atPath: full, contents: nil))
                    try await eventually("ST-101 on the page") {
                        try String(contentsOfFile: seen, encoding: .utf8).contains("ST-101") ? true : nil
                    }
                }
                let ended = try await serving
                let told = try String(contentsOfFile: log, encoding: .utf8)
                let page = try String(contentsOfFile: seen, encoding: .utf8)
                #expect(ended.code == 1 && told.contains("ST-101") && !told.contains("Fatal error"), "\(told)")
                #expect(page.contains("ST-101"), "\(page.suffix(500))")
                #expect(!fault.failed.isEmpty)
                #expect(try await verifies(bed.data))
                let before = try await bed.records()
                #expect(before.conclusions.allSatisfy { $0.outcome != "pass" }, "\(before.conclusions)")
                // Still full: it does not start, and says why.
                if trouble.calls == "write" {
                    let refused = try await Program.station.run(
                        ["serve", "--config", bed.configuration], environment: fault.environment)
                    #expect(
                        refused.code == 1 && (refused.output + refused.error).contains("ST-101"), "\(refused.error)")
                }

                try FileManager.default.removeItem(atPath: full)
                let (_, status) = try await bed.serve {
                    try await bed.record("the pass") {
                        $0.kind == "run.concluded" && $0.body["outcome"].string == "pass"
                    }
                }
                #expect(status == 0)
                let records = try await bed.records()
                #expect(records.firstClaims.count == 1 && records.isChained)
                #expect(try await bed.devices().count == 1)
                #expect(try await verifies(bed.data))
            }
        }

        @Test("below the space that is set no board begins, page and doctor say so", .timeLimit(.minutes(3)))
        func nearlyFull() async throws {
            try await StationBed.with(.board()) { bed in
                let usual = try String(contentsOfFile: bed.configuration, encoding: .utf8)
                let limits = "\n[limits]\ndisk_warn_mib = 16777216\ndisk_stop_mib = 16777215\n"
                try (usual + limits).write(toFile: bed.configuration, atomically: true, encoding: .utf8)
                let (_, status) = try await bed.serve {
                    try await eventually("ST-112") {
                        try String(contentsOfFile: bed.folder + "/serve.log", encoding: .utf8).contains("ST-112")
                            ? true : nil
                    }
                    #expect(try await bed.records().all("run.started").isEmpty)
                    let doctor = try await Program.station.run(["doctor", "--config", bed.configuration])
                    #expect(doctor.output.contains("no board begins"), "\(doctor.output)")
                }
                #expect(status == 0)
                #expect(try await bed.records().all("run.started").isEmpty)
                try usual.write(toFile: bed.configuration, atomically: true, encoding: .utf8)
                let (ends, _) = try await bed.serve { try await bed.conclusions(1) }
                #expect(ends.map(\.outcome) == ["pass"])
            }
        }
    }
}
