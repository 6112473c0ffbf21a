/// What a leader has ordered for a unit that is done when its board is placed again.
public enum PendingWork: String, Sendable, CaseIterable, Codable {
    /// Everything is written again; the device credential is kept.
    case reflash
    /// The cloud opens the device for registration again, the board's device credential is erased, and it activates anew.
    case reset
}
