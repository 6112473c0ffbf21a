/// Durations that were measured, and what is told of them.
struct BenchSamples: Sendable, Equatable {
    /// Ascending.
    let sorted: [Duration]

    init(_ durations: [Duration]) { sorted = durations.sorted() }

    /// The smallest sample that at least `percent` % of the samples do not exceed; nil without samples.
    /// - Parameter percent: 0 to 100.
    func percentile(_ percent: Double) -> Duration? {
        guard !sorted.isEmpty else { return nil }
        let rank = (Double(sorted.count) * percent / 100).rounded(.up)
        return sorted[min(sorted.count - 1, max(0, Int(rank) - 1))]
    }

    /// The middle sample; of an even number the lower one of the two.
    var median: Duration? { percentile(50) }
}

/// How figures are printed: seconds and ratios with as many digits as they are worth.
enum BenchText {
    /// `12.34 s`, `5.678 ms`, `91 us`: three or four digits; `-` for nothing.
    static func time(_ duration: Duration?) -> String {
        guard let duration else { return "-" }
        let seconds = duration / .seconds(1)
        if seconds >= 1 { return fixed(seconds, 2) + " s" }
        if seconds >= 0.001 { return fixed(seconds * 1e3, 2) + " ms" }
        return fixed(seconds * 1e6, 0) + " us"
    }

    /// `1.031`; `-` for nothing.
    static func ratio(_ ratio: Double?) -> String { ratio.map { fixed($0, 3) } ?? "-" }

    /// `37 %`.
    static func percent(_ share: Double?) -> String { share.map { fixed($0 * 100, 0) + " %" } ?? "-" }

    /// A number with `digits` digits behind the point, halves rounded away from zero.
    static func fixed(_ number: Double, _ digits: Int) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return "-" }
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((abs(number) * Double(scale)).rounded(.toNearestOrAwayFromZero))
        let sign = number < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(scaled) }
        let fraction = String(scaled % scale)
        return sign + String(scaled / scale) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// The ratio as JSON without floats: thousandths.
    static func thousandths(_ ratio: Double?) -> Int? { ratio.map { Int(($0 * 1000).rounded()) } }

    /// Whole milliseconds.
    static func milliseconds(_ duration: Duration?) -> Int? {
        duration.map { Int(($0 / .milliseconds(1)).rounded()) }
    }

    /// Whole microseconds.
    static func microseconds(_ duration: Duration?) -> Int? {
        duration.map { Int(($0 / .microseconds(1)).rounded()) }
    }

    /// `part` over `whole`; nil where there is none, or no whole.
    static func quotient(_ part: Duration?, _ whole: Duration?) -> Double? {
        guard let part, let whole, whole > .zero else { return nil }
        return part / whole
    }
}

/// The time bytes need on an asynchronous serial line: a start bit, eight bits, a stop bit each.
enum WireFloor {
    static func time(bytes: Int, baud: Int) -> Duration { .seconds(10) * bytes / max(1, baud) }
}
