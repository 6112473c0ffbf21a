/// What open connections cost a server in memory: its resident set before them, with them, and after them.
struct HeldMemory: Sendable, Equatable {
    let connections: Int
    /// KiB; nil where it could not be read.
    let before: Int?
    let open: Int?
    let after: Int?

    /// KiB that one open connection added.
    var perConnection: Double? {
        guard let before, let open, connections > 0 else { return nil }
        return Double(open - before) / Double(connections)
    }
}
