import Foundation
import Provisioning

/// What one minute of a long run looked like.
struct SoakSample: Sendable, Equatable {
    /// From 1.
    let minute: Int
    /// Of the station's process, KiB.
    let resident: Int
    let descriptors: Int
    let threads: Int
    /// Of the journal's write-ahead log, bytes.
    let wal: Int
    /// Of the journal's database, bytes.
    let journal: Int
    /// Time of an append, µs; nil where none was made.
    let p50: Int?
    let p99: Int?
    /// Runs concluded in the minute that passed, and others.
    let passed: Int
    let others: Int
    /// Processes started anew so far.
    let restarts: Int

    static let heading =
        "minute  memory KiB  files  threads  WAL KiB  journal KiB  append p50/p99 us  pass  other  restarts"

    var line: String {
        func pad(_ number: Int?, _ width: Int) -> String {
            let text = number.map(String.init) ?? "-"
            return String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return pad(minute, 6) + pad(resident, 12) + pad(descriptors, 7) + pad(threads, 9) + pad(wal / 1024, 9)
            + pad(journal / 1024, 13) + pad(p50, 11) + "/" + pad(p99, 7).trimmingCharacters(in: .whitespaces)
            + pad(passed, 8) + pad(others, 7) + pad(restarts, 10)
    }

    var json: JSONValue {
        [
            "minute": .init(minute), "resident_kib": .init(resident), "descriptors": .init(descriptors),
            "threads": .init(threads), "wal_bytes": .init(wal), "journal_bytes": .init(journal),
            "append_p50_us": .init(p50),
            "append_p99_us": .init(p99), "passed": .init(passed), "others": .init(others), "restarts": .init(restarts),
        ]
    }
}

/// How a figure went over the minutes, robust against a single bad one (Theil and Sen's slope).
struct SoakTrend: Sendable, Equatable {
    /// Median of the slopes of all pairs, a minute.
    let slope: Double
    /// Median of the figure.
    let median: Double
    let largest: Double
    /// Minutes from the first to the last.
    let span: Int

    /// - Parameter points: a figure a minute; nil where there are fewer than two.
    init?(_ points: [(minute: Int, value: Double)]) {
        guard points.count >= 2, let first = points.first, let last = points.last else { return nil }
        var slopes: [Double] = []
        for (index, point) in points.enumerated() {
            for later in points[(index + 1)...] where later.minute != point.minute {
                slopes.append((later.value - point.value) / Double(later.minute - point.minute))
            }
        }
        slope = Self.median(slopes)
        median = Self.median(points.map(\.value))
        largest = points.map(\.value).max() ?? 0
        span = last.minute - first.minute
    }

    /// What the slope makes over the whole time.
    var growth: Double { slope * Double(span) }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
