/// Durations counted in buckets of 100 ms: quantiles without keeping the durations.
///
/// Its size depends on how far the durations lie apart, not on how many there are. The smallest and the largest are exact.
struct DurationHistogram: Hashable, Sendable {
    /// Milliseconds of a bucket.
    static let width = 100
    /// Buckets that lie in a row, 10 minutes of them; what is longer is looked up.
    private static let row = 6000

    private(set) var count = 0
    private(set) var smallest: Int?
    private(set) var largest: Int?
    private var near: [Int] = []
    private var far: [Int: Int] = [:]

    /// Counts a duration in milliseconds.
    mutating func add(_ milliseconds: Int) {
        let duration = max(0, milliseconds)
        count += 1
        smallest = min(smallest ?? duration, duration)
        largest = max(largest ?? duration, duration)
        let bucket = duration / Self.width
        guard bucket < Self.row else {
            far[bucket, default: 0] += 1
            return
        }
        if bucket >= near.count { near += Array(repeating: 0, count: bucket + 1 - near.count) }
        near[bucket] += 1
    }

    /// The duration that `percent` % do not exceed, by the nearest rank, floored to its bucket; nil where there is none.
    /// - Parameter percent: 1 to 100.
    func quantile(_ percent: Int) -> Int? {
        guard count > 0 else { return nil }
        var rank = (count * percent + 99) / 100
        for (bucket, number) in near.enumerated() {
            if rank <= number { return bucket * Self.width }
            rank -= number
        }
        for (bucket, number) in far.sorted(by: { $0.key < $1.key }) {
            if rank <= number { return bucket * Self.width }
            rank -= number
        }
        return largest
    }
}
