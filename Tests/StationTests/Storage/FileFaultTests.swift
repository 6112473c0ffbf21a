import Foundation
import Testing

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
            .enabled(if: StorageFault.isThere, "the build has no libstorage-preload.so"), .timeLimit(.minutes(10)))
        func everyCall() async throws {
            try await StationBed.with(.fixture(boards: 1)) { bed in
                try await bed.station("backup", "--output", bed.folder + "/kept.backup")
                for work in Self.works {
                    for fault in Self.faults { try await Self.everyCall(bed, work, fault.calls, fault.kind) }
                }
                #expect(try await verifies(bed.data))
            }
        }

        private static func everyCall(
            _ bed: StationBed, _ work: Work, _ calls: String, _ kind: StorageFault.Kind
        ) async throws {
            var nth = 0
            // What goes through SQLite has hundreds of writes, which are tried below SQLite, in process.
            while nth < (isFull ? 40 : 8) {
                nth += 1
                let fault = StorageFault(
                    path: work.path(bed), calls: calls, kind: kind, nth: nth, log: bed.folder + "/faults.log")
                try? FileManager.default.removeItem(atPath: fault.log)
                try work.before(bed)
                let ended = try await Program.station.run(
                    work.arguments(bed), input: work.input, environment: fault.environment)
                guard let call = fault.failed.first else {
                    #expect(ended.isSuccess, "\(work.testDescription): \(ended.error)")
                    nth -= 1
                    break
                }
                let place = "\(work.testDescription), call \(nth) (\(call), \(kind))"
                #expect(ended.code == 1, "\(place): \(ended.status) \(ended.error)")
                #expect(
                    ended.error.contains("rror: ") && !ended.error.contains("Fatal error"), "\(place): \(ended.error)")
                if let result = work.result(bed) {
                    #expect(!FileManager.default.fileExists(atPath: result), "\(place)")
                }
                let again = try await Program.station.run(work.arguments(bed), input: work.input)
                #expect(again.isSuccess, "\(place): \(again.error)")
            }
            print("storage: \(work.testDescription), \(calls) \(kind): \(nth) calls failed")
        }
    }
}
