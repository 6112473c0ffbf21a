/// A work order: product, quota, firmware release and board profile, and what the journal says of it now.
public struct WorkOrder: Hashable, Sendable {
    /// Draft orders take no boards; a closed one never opens again.
    public enum State: String, Sendable, CaseIterable { case draft, open, held, closed }

    /// `WO-0001`, given by the station.
    public let id: String
    public let productKey: String
    /// Version of the release it is bound to.
    public let release: String
    /// Name of the board profile.
    public let profile: String
    /// Units that may be claimed, at least 1.
    public let quota: Int
    public var state: State
    /// Why the order is held: a failure code, or nil.
    public var holdCode: String?
    /// Units claimed so far.
    public var claimed: Int

    public init(
        id: String, productKey: String, release: String, profile: String, quota: Int, state: State,
        holdCode: String? = nil, claimed: Int = 0
    ) {
        (self.id, self.productKey, self.release, self.profile) = (id, productKey, release, profile)
        (self.quota, self.state, self.holdCode, self.claimed) = (quota, state, holdCode, claimed)
    }

    /// Whether slots work for it: open, or held for a cause that may pass by itself.
    public var isWorking: Bool { state == .open || (state == .held && holdCode != nil) }
    /// Units the quota still allows.
    public var left: Int { max(0, quota - claimed) }
}
