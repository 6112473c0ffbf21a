import Testing

@testable import station

@Suite("the verdict over a long run")
struct BenchSoakTests {
    static func samples(_ change: (Int) -> (memory: Int, files: Int, wal: Int, p99: Int)) -> [SoakSample] {
        (1...20).map { minute in
            let (memory, files, wal, p99) = change(minute)
            return SoakSample(
                minute: minute, resident: memory, descriptors: files, threads: 20, wal: wal, journal: minute << 20,
                p50: 900,
                p99: p99, passed: 40, others: 0, restarts: minute)
        }
    }

    static func report(_ samples: [SoakSample], troubles: [String] = []) -> SoakReport {
        SoakReport(
            minutes: 20, slots: 4, restart: 60,
            found: SoakReport.Found(samples: samples, outcomes: ["pass": 800], boards: 800, troubles: troubles))
    }

    @Test("the trend of a series is the median of all slopes: one bad minute does not make it")
    func trend() throws {
        let line = (1...10).map { (minute: $0, value: Double($0 * 3 + 7)) }
        let trend = try #require(SoakTrend(line))
        #expect(trend.slope == 3 && trend.growth == 27 && trend.largest == 37)
        var bad = line.map { (minute: $0.minute, value: 5.0) }
        bad[4].value = 5000
        #expect(SoakTrend(bad)?.slope == 0)
        #expect(SoakTrend([line[0]]) == nil)
    }

    @Test("what stays as it was is flat; caches that fill in the first minutes are no growth")
    func flat() {
        let report = Self.report(
            Self.samples {
                (memory: 90_000 + min($0, 3) * 10_000, files: 50 + $0 % 2, wal: 4 << 20, p99: 5000 + $0 % 3)
            })
        #expect(report.isFlat, "\(report.lines)")
    }

    @Test(
        "what grows is told by its name",
        arguments: [
            ("memory KiB", samples { (memory: 90_000 + $0 * 1500, files: 50, wal: 0, p99: 1) }),
            ("files", samples { (memory: 1, files: 50 + $0, wal: 0, p99: 1) }),
            ("WAL bytes", samples { (memory: 1, files: 50, wal: $0 << 20, p99: 1) }),
            ("append p99 us", samples { (memory: 1, files: 50, wal: 0, p99: $0 * 5000) }),
        ])
    func growing(name: String, samples: [SoakSample]) {
        let report = Self.report(samples)
        #expect(!report.isFlat)
        #expect(report.lines.filter { !$0.isFlat }.map(\.name) == [name])
    }

    @Test("a trouble is none the less one where everything is flat")
    func trouble() {
        let flat = Self.samples { _ in (memory: 90_000, files: 50, wal: 0, p99: 1) }
        #expect(Self.report(flat).isFlat)
        #expect(!Self.report(flat, troubles: ["9 claims, 8 units"]).isFlat)
    }
}
