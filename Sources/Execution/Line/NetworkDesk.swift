/// Tells trouble of the line's network from a board's own: a board that cannot join is not blamed while the access point's
/// probe fails, or another slot's board could not join either.
///
/// Source: product description, "Network trouble is not board trouble".
actor NetworkDesk {
    /// Failures of two slots within this time are the network's.
    static let window = Duration.seconds(120)

    private let access: NetworkAccess?
    private var failures: [String: ContinuousClock.Instant] = [:]

    init(_ access: NetworkAccess?) { self.access = access }

    /// Notes how a board's joining ended.
    func note(slot: String, isJoined: Bool) {
        if isJoined { failures = [:] } else { failures[slot] = .now }
    }

    /// Why the network is to blame; nil where it is the board.
    func trouble() async -> String? {
        if let probe = access?.probe, let reason = await probe() { return "the access point's probe fails: \(reason)" }
        let recent = failures.filter { $0.value.duration(to: .now) < Self.window }
        guard recent.count > 1 else { return nil }
        return "boards of \(recent.keys.sorted().joined(separator: ", ")) could not join within two minutes"
    }
}
