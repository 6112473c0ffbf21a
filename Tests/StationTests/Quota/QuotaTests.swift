import Foundation
import Provisioning
import Testing

extension ExecutableTests.Demos {
    @Suite("a quota under torture")
    struct QuotaTests {
        /// How often the station is killed; 200 takes about half an hour.
        static let kills = ProcessInfo.processInfo.environment["STATION_TORTURE_KILLS"].flatMap(Int.init) ?? 14

        @Test(
            "killed at any moment, restored from a backup and under clocks a day apart, a station of 8 slots claims and writes no more boards than the quota",
            .enabled(if: Torture.clockMover != nil, "faketime is not installed (Debian's package faketime)"),
            .timeLimit(.minutes(90)))
        func quota() async throws {
            let quota = max(8, Self.kills)
            let boards = quota + 16
            try await StationBed.with(.fixture(boards: boards), .init(slots: 8, quota: quota)) { bed in
                var torture = Torture(bed: bed, boards: boards)
                try await Self.live(&torture, Self.kills / 2)
                let claimed = try await Self.claims(bed.data)
                #expect(claimed <= quota)
                try await Self.restore(&torture)
                try await Self.live(&torture, Self.kills - Self.kills / 2)
                try await Self.finish(torture, quota: quota)
            }
        }

        /// Lives that end in the middle of something.
        private static func live(_ torture: inout Torture, _ count: Int) async throws {
            let line = torture
            try await line.withHands {
                for _ in 0..<count {
                    try await line.life(
                        clock: Torture.clocks.randomElement() ?? "+0",
                        delay: .milliseconds(Int.random(in: 400...9_000)))
                }
            }
        }

        private static func claims(_ data: String) async throws -> Int {
            guard let records = try await JournalRecords.export(data) else {
                throw TestTrouble("the journal in \(data) cannot be read")
            }
            #expect(records.intentsBeforeTheirClaim.isEmpty)
            return records.firstClaims.count
        }

        /// A backup is made, boards are made after it, and the disk dies: the restored station makes none before a leader
        /// has counted what the cloud knows.
        private static func restore(_ torture: inout Torture) async throws {
            let bed = torture.bed
            let backup = bed.folder + "/backup"
            try await bed.station("backup", "--output", backup)
            try await live(&torture, 3)
            let written = try torture.written()
            let data = bed.folder + "/restored"
            let restored = try await Program.station.run(
                ["restore", backup, "--data", data, "--witness", bed.data + ".head"])
            try #require(restored.isSuccess, "\(restored.error)")
            try FileManager.default.copyItem(atPath: bed.data + "/vault", toPath: data + "/vault")
            let text = try String(contentsOfFile: bed.configuration, encoding: .utf8)
            torture.configuration = bed.folder + "/restored.toml"
            try text.replacingOccurrences(of: "data = \"station\"", with: "data = \"restored\"").write(
                toFile: torture.configuration, atomically: true, encoding: .utf8)
            try await live(&torture, 2)
            #expect(try torture.written() == written, "a restored station wrote a board before it was settled")
            let settled = try await Program.station.run(
                [
                    "restore", "settle", "--take-over", bed.order, "--reason", "the disk died", "--config",
                    torture.configuration,
                ])
            try #require(settled.isSuccess, "\(settled.error)")
        }

        /// Left alone, the station makes the rest of its quota, and refuses the next board.
        private static func finish(_ torture: Torture, quota: Int) async throws {
            let (bed, data) = (torture.bed, torture.bed.folder + "/restored")
            let (line, log) = (torture, bed.folder + "/last.log")
            _ = try await torture.withHands {
                try await Program.station.running(["serve", "--config", line.configuration], log: log) {
                    try await eventually("a board beyond the quota", within: .seconds(600)) {
                        try await JournalRecords.export(data)?.all("claim.refused").first {
                            $0.body["failure_code"].string == "CL-201"
                        }
                    }
                }
            }
            let records = try #require(try await JournalRecords.export(data))
            #expect(records.isChained)
            #expect(try await verifies(data))
            #expect(records.firstClaims.count <= quota)
            let written = try torture.written().count
            #expect(written <= quota, "\(written) boards were written")
            let devices = try await bed.devices(of: 1...torture.boards)
            #expect(devices.count <= quota, "\(devices.count) devices are registered")
            let shown = try await Program.station.run(["order", "show", bed.order, "--config", torture.configuration])
            #expect(shown.output.contains("\(quota) of \(quota)"), "\(shown.output)")
        }
    }
}
