import Foundation
import Provisioning

/// The verdict over a long run: what stayed as it was, and what did not.
struct SoakReport: Sendable {
    /// What was seen.
    struct Found: Sendable {
        var samples: [SoakSample] = []
        /// Runs by outcome and code.
        var outcomes: [String: Int] = [:]
        var boards = 0
        /// What is wrong with the journal or with the cloud beside it, in sentences.
        var troubles: [String] = []
    }

    /// One figure and what it may do.
    struct Line: Sendable {
        let name: String
        let trend: SoakTrend
        let isFlat: Bool
        let limit: String
    }

    let minutes: Int
    let slots: Int
    let restart: Int
    let found: Found

    /// Caches fill in the first minutes: a fifth of the time, at least one and at most ten.
    private var settled: [SoakSample] { Array(found.samples.dropFirst(min(10, max(1, found.samples.count / 5)))) }

    var lines: [Line] {
        func line(
            _ name: String, _ limit: String, _ value: (SoakSample) -> Int?, _ isFlat: (SoakTrend) -> Bool
        ) -> Line? {
            let points = settled.compactMap { sample in
                value(sample).map { (minute: sample.minute, value: Double($0)) }
            }
            return SoakTrend(points).map { Line(name: name, trend: $0, isFlat: isFlat($0), limit: limit) }
        }
        return [
            line("memory KiB", "grows by at most 10 %, or 8 MiB", { $0.resident }) {
                $0.growth <= max($0.median / 10, 8192)
            },
            line("files", "grow by at most 4", { $0.descriptors }) { $0.growth <= 4 },
            line("threads", "grow by at most 4", { $0.threads }) { $0.growth <= 4 },
            line("WAL bytes", "never above 64 MiB, grows by at most 8 MiB", { $0.wal }) {
                $0.largest <= Double(64 << 20) && $0.growth <= Double(8 << 20)
            },
            line("append p50 us", "grows by at most its median", { $0.p50 }) { $0.growth <= max($0.median, 1000) },
            line("append p99 us", "grows by at most its median, or 20 ms", { $0.p99 }) {
                $0.growth <= max($0.median, 20_000)
            },
        ].compactMap(\.self)
    }

    var isFlat: Bool { !lines.isEmpty && lines.allSatisfy(\.isFlat) && found.troubles.isEmpty }

    func bench(_ machine: BenchMachine) -> BenchReport {
        let lines = lines
        let outcomes = found.outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return BenchReport(
            name: "soak", machine: machine,
            method: [
                "\(minutes) min, \(slots) slots, boards placed as slots are free, page with 2 readers; stand-in or boards started "
                    + "anew every \(restart) s;",
                "an append to the journal 5 times a second beside the line's; trend: median of the slopes of all pairs of "
                    + "minutes, the first minutes left out.",
            ],
            figures: [SoakSample.heading] + found.samples.map(\.line)
                + lines.map { line in
                    let trend = line.trend
                    return "\(line.name): median \(BenchText.fixed(trend.median, 0)), largest "
                        + "\(BenchText.fixed(trend.largest, 0)), \(BenchText.fixed(trend.growth, 0)) over \(trend.span) min; "
                        + "\(line.limit): \(line.isFlat ? "flat" : "NOT FLAT")"
                } + ["runs      \(outcomes); \(found.boards) boards"] + found.troubles.map { "TROUBLE   \($0)" }
                + ["verdict   \(isFlat ? "flat" : "NOT FLAT")"],
            values: [
                "minutes": .init(minutes), "slots": .init(slots), "restart_seconds": .init(restart),
                "samples": .array(found.samples.map(\.json)),
                "trends": .object(
                    Dictionary(
                        uniqueKeysWithValues: lines.map { line in
                            (
                                line.name,
                                [
                                    "median": .init(Int(line.trend.median.rounded())),
                                    "largest": .init(Int(line.trend.largest.rounded())),
                                    "growth": .init(Int(line.trend.growth.rounded())), "flat": .bool(line.isFlat),
                                ] as JSONValue
                            )
                        })),
                "outcomes": .object(found.outcomes.mapValues { .init($0) }), "boards": .init(found.boards),
                "troubles": .array(found.troubles.map(JSONValue.string)), "flat": .bool(isFlat),
            ])
    }
}
