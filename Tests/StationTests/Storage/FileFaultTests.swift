import Foundation
import Provisioning
import Simulation
import Testing

@testable import station

extension ExecutableTests.Lines {
    @Suite("every call fails in turn while a command writes a file")
    struct FileFaultTests {
        /// A command, and how it is told that it must be whole or not there.
        struct Work: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let arguments: @Sendable (StationBed) -> [String]
            var input = ""
            /// Part of the paths that fail.
            let path: @Sendable (StationBed) -> String
            /// Called before each attempt.
            var before: @Sendable (StationBed) throws -> Void = { _ in }
            /// What must not be there after an attempt that failed.
            var result: @Sendable (StationBed) -> String? = { _ in nil }
            /// The calls that fail in turn where not all are asked for.
            var plain = Array(1...8)
            /// Whether it is done once: each attempt is then the next one's beginning, and only the last is not spoilt.
            var isDoneOnce = false
        }

        static let works = [
            Work(
                testDescription: "secret set",
                arguments: { ["secret", "set", "network/line", "--config", $0.configuration] },
                input: "another password\n", path: { $0.data + "/vault/" }),
            Work(
                testDescription: "release add",
                arguments: {
                    [
                        "release", "add", $0.firmware, "--profile", "esp32c3", "--version", "2.0.0", "--config",
                        $0.configuration,
                    ]
                }, path: { $0.data + "/releases/" }),
            Work(
                testDescription: "backup",
                arguments: { ["backup", "--output", $0.folder + "/one.backup", "--config", $0.configuration] },
                path: { $0.folder + "/one.backup" },
                before: { try? FileManager.default.removeItem(atPath: $0.folder + "/one.backup") },
                result: { $0.folder + "/one.backup" }),
            Work(
                testDescription: "restore",
                arguments: { ["restore", $0.folder + "/kept.backup", "--data", $0.folder + "/restored"] },
                path: { $0.folder + "/restored" },
                before: { try? FileManager.default.removeItem(atPath: $0.folder + "/restored") },
                result: { $0.folder + "/restored/journal.sqlite" }),
            // Last of all a folder is synced, in which the new file has its name already.
            Work(
                testDescription: "backup, its folder",
                arguments: { ["backup", "--output", $0.folder + "/kept/one.backup", "--config", $0.configuration] },
                path: { $0.folder + "/kept$" },
                before: { bed in
                    try? FileManager.default.removeItem(atPath: bed.folder + "/kept")
                    try FileManager.default.createDirectory(
                        atPath: bed.folder + "/kept", withIntermediateDirectories: true)
                }, result: { $0.folder + "/kept/one.backup" }, plain: [1]),
            Work(
                testDescription: "restore, its folder",
                arguments: { ["restore", $0.folder + "/kept.backup", "--data", $0.folder + "/restored"] },
                path: { $0.folder + "/restored$" },
                before: { try? FileManager.default.removeItem(atPath: $0.folder + "/restored") },
                result: { $0.folder + "/restored/journal.sqlite" }, plain: [1]),
        ]

        /// How an order ends: the cloud's side read, the batch archived, the texts of its runs moved out.
        static let endings = [
            Work(
                testDescription: "reconcile",
                arguments: { ["reconcile", endedOrder($0), "--config", $0.configuration] },
                // Not the spool, which is working material: nobody misses what is lost when it is closed.
                path: { _ in ".jsonl" }, plain: [1, 3]),
            Work(
                testDescription: "reconcile, its folder",
                arguments: { ["reconcile", endedOrder($0), "--config", $0.configuration] },
                path: { $0.data + "/reconcile$" }, plain: [1]),
            Work(
                testDescription: "batch close",
                arguments: { ["batch", "close", endedOrder($0), "--config", $0.configuration] },
                path: { $0.data + "/batches" }, plain: [1, 20, 50], isDoneOnce: true),
            Work(
                testDescription: "journal archive",
                arguments: {
                    [
                        "journal", "archive", "--before", "2999-01-01", "--output",
                        $0.folder + "/archives/\(endedOrder($0)).jsonl", "--config", $0.configuration,
                    ]
                }, path: { $0.folder + "/archives" }, plain: [1, 3, 5], isDoneOnce: true),
        ]

        static let faults: [(calls: String, kind: StorageFault.Kind)] =
            isFull
            ? [
                ("open", .EIO), ("write", .EIO), ("write", .ENOSPC), ("write", .SHORT), ("sync", .EIO),
                ("rename", .EIO),
                ("mkdir", .ENOSPC), ("truncate", .EIO),
            ] : [("open,write,sync,rename", .ENOSPC)]

        static let isFull = ProcessInfo.processInfo.environment["STATION_FULL"] == "1"

        @Test(
            "it says so and leaves nothing half done; asked again it is done",
            .enabled(if: StorageFault.isThere, "the build has no libstorage-preload.so"),
            .timeLimit(.minutes(isFull ? 60 : 10)))
        func everyCall() async throws {
            try await StationBed.with(.fixture(boards: 1)) { bed in
                try await bed.station("backup", "--output", bed.folder + "/kept.backup")
                for work in Self.works {
                    for fault in Self.faults { try await Self.everyCall(bed, work, fault.calls, fault.kind) }
                }
                #expect(try await verifies(bed.data))
            }
        }

        @Test(
            "an order that ends under them is archived whole or not at all",
            .enabled(if: StorageFault.isThere, "the build has no libstorage-preload.so"),
            .timeLimit(.minutes(isFull ? 60 : 10)))
        func endings() async throws {
            let ways = StationBed.Ways(opensOrder: false)
            try await StationBed.with(.fixture(boards: Self.faults.count), ways) { bed in
                try FileManager.default.createDirectory(
                    atPath: bed.folder + "/archives", withIntermediateDirectories: true)
                // Kept, for it does not see again what is moved out.
                let journal = CrashJournal(folder: bed.data)
                for (index, fault) in Self.faults.enumerated() {
                    let order = try await Self.made(bed, board: index + 1, journal)
                    for work in Self.endings { try await Self.everyCall(bed, work, fault.calls, fault.kind) }
                    let key = bed.folder + "/station.pem"
                    try await bed.station("batch", "key").appending("\n").write(
                        toFile: key, atomically: true, encoding: .utf8)
                    let found = try await Program.station.run([
                        "batch", "verify", bed.data + "/batches/" + order, "--key", key,
                    ])
                    #expect(found.isSuccess, "\(order): \(found.output)\(found.error)")
                    let left = try FileManager.default.contentsOfDirectory(atPath: bed.data + "/batches").sorted()
                    #expect(left.allSatisfy { !$0.hasPrefix(".") }, "\(left)")
                    let archives = try FileManager.default.contentsOfDirectory(atPath: bed.folder + "/archives")
                    #expect(archives.allSatisfy { $0.hasSuffix(".jsonl") } && archives.count == index + 1)
                }
                #expect(try await verifies(bed.data))
            }
        }

        /// An order whose one board has passed, ready to be closed.
        private static func made(_ bed: StationBed, board: Int, _ journal: CrashJournal) async throws -> String {
            let cloud = try bed.admin
            try await cloud.turnSwitch(product: bed.productKey, on: true)
            let order = try await bed.station(
                "order", "create", "--product", bed.productKey, "--release", StationBed.version, "--profile",
                bed.ways.profile, "--quota", "1", arguments: bed.ways.orderOptions)
            try order.write(toFile: bed.folder + "/ended-order", atomically: true, encoding: .utf8)
            try await bed.station("order", "open", order)
            let slot = try FixtureClient(bed.control)
            // The first one finds an empty slot.
            try? await slot.remove()
            try await slot.place(board)
            let start = try await journal.end()
            _ = try await bed.serve {
                try await eventually("the pass of board \(board)") {
                    try await journal.records(after: start).last {
                        $0.kind == "run.concluded" && $0.body["outcome"].string == "pass"
                    }
                }
            }
            try await cloud.turnSwitch(product: bed.productKey, on: false)
            return order
        }

        private static func endedOrder(_ bed: StationBed) -> String {
            (try? String(contentsOfFile: bed.folder + "/ended-order", encoding: .utf8)) ?? ""
        }

        private static func everyCall(
            _ bed: StationBed, _ work: Work, _ calls: String, _ kind: StorageFault.Kind
        ) async throws {
            var failed = 0
            var isDone = false
            // What goes through SQLite has hundreds of writes, which are tried below SQLite, in process.
            for nth in isFull ? Array(1...40) : work.plain {
                let fault = StorageFault(
                    path: work.path(bed), calls: calls, kind: kind, nth: nth, log: bed.folder + "/faults.log")
                try? FileManager.default.removeItem(atPath: fault.log)
                try work.before(bed)
                let ended = try await Program.station.run(
                    work.arguments(bed), input: work.input, environment: fault.environment)
                guard let call = fault.failed.first else {
                    #expect(ended.isSuccess, "\(work.testDescription): \(ended.error)")
                    isDone = true
                    break
                }
                failed += 1
                let place = "\(work.testDescription), call \(nth) (\(call), \(kind))"
                #expect(ended.code == 1, "\(place): \(ended.status) \(ended.error)")
                #expect(
                    ended.error.contains("rror: ") && !ended.error.contains("Fatal error"), "\(place): \(ended.error)")
                if let result = work.result(bed) {
                    #expect(!FileManager.default.fileExists(atPath: result), "\(place)")
                }
                if !work.isDoneOnce { try await again(bed, work, place) }
            }
            if work.isDoneOnce, !isDone { try await again(bed, work, "\(work.testDescription), \(calls) \(kind)") }
            #expect(isFull || failed > 0, "\(work.testDescription): no call failed")
            print("storage: \(work.testDescription), \(calls) \(kind): \(failed) calls failed")
        }

        /// It is done on storage that works.
        private static func again(_ bed: StationBed, _ work: Work, _ place: String) async throws {
            let again = try await Program.station.run(work.arguments(bed), input: work.input)
            #expect(again.isSuccess, "\(place): \(again.error)")
        }
    }
}
