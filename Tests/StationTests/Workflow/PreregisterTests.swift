import Foundation
import Provisioning
import Testing

extension ExecutableTests.Lines {
    @Suite("names in advance from a list")
    struct PreregisterTests {
        @Test(
            "10,000 names, killed in the middle and resumed: each device once, each name with its outcome",
            .enabled(if: CrashMatrix.isPossible && CrashMatrix.isFull, "takes long: sh Station/test.sh --full"),
            .timeLimit(.minutes(10)))
        func killed() async throws {
            let count = 10_000
            try await StationBed.with(.fixture(boards: 1)) { bed in
                let order = try await Self.order(bed, quota: count)
                let list = bed.folder + "/macs.csv"
                let macs = (0..<count).map { Self.mac($0) }
                try ("mac;note\n" + macs.map { "\($0);x\n" }.joined()).write(
                    toFile: list, atomically: true, encoding: .utf8)
                let report = bed.folder + "/names.csv"
                let command = [
                    "order", "preregister", order, list, "--report", report, "--config", bed.configuration,
                ]
                let killed = try await Program.station.run(command, environment: ["STATION_CUT": "batch.creating"])
                try #require(killed.signal == SIGKILL, "\(killed.status): \(killed.error)")
                let resumed = try await Program.station.run(command, within: .seconds(240))
                #expect(resumed.code == 0, "\(resumed.error.suffix(1000))")
                #expect(resumed.output.contains("\(count) of \(count) names created"))
                let listed = try await Program.station.run([
                    "simulate", "devices", "--json", "--ready-file", bed.cloudReady,
                ])
                let names = try JSONValue(parsing: listed.output).array?.compactMap { $0["device_name"].string } ?? []
                #expect(names.count == count && Set(names) == Set(macs), "\(names.count) devices")
                let rows = try String(contentsOfFile: report, encoding: .utf8).split(whereSeparator: \.isNewline)
                #expect(rows.count == count + 1)
                #expect(rows.dropFirst().allSatisfy { $0.contains(",created,") })
                #expect(try await verifies(bed.data))
            }
        }

        @Test("every problem of a list is named with its line, and nothing is created", .timeLimit(.minutes(2)))
        func problems() async throws {
            try await StationBed.with(.fixture(boards: 1)) { bed in
                let list = bed.folder + "/macs.csv"
                try "\(Self.mac(1))\nnot a mac\n\n\(Self.mac(1).lowercased())\n010000000001\n".write(
                    toFile: list, atomically: true, encoding: .utf8)
                let ended = try await Program.station.run([
                    "order", "preregister", bed.order, list, "--config", bed.configuration,
                ])
                #expect(!ended.isSuccess)
                for line in ["line 2:", "line 4:", "line 5:"] { #expect(ended.error.contains(line), "\(ended.error)") }
                #expect(try await bed.records().all("batch.listed").isEmpty)
            }
        }

        private static func order(_ bed: StationBed, quota: Int) async throws -> String {
            try await bed.station(
                "order", "create", "--product", bed.productKey, "--release", StationBed.version, "--profile", "esp32c3",
                "--quota", "\(quota)")
        }

        private static func mac(_ number: Int) -> String {
            let low = String(0x10_0000 + number * 4, radix: 16, uppercase: true)
            return "7CDFA1" + String(repeating: "0", count: 6 - low.count) + low
        }
    }
}
