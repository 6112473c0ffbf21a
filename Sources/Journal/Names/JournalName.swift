public import Provisioning

/// Everything the journal knows of one DeviceName of a product: the unit claimed under it, the list that created it in
/// advance, the baseline.
///
/// A row of the table `known_name`, which is written with the records it follows from (``NameTable``). All times of it are
/// the cloud's own, so that they can be compared with the cloud's.
public struct JournalName: Hashable, Sendable {
    /// Whose name it is called in question, and by nobody decided since.
    public enum Clash: Int64, Sendable {
        /// Another board turned up with the unit's identity (CL-101).
        case name = 1
        /// The unit's board turned up with another identity, or within another unit's MAC block (CL-102, CL-103).
        case board = 2
    }

    /// The name, case folded: what is unique, and what reconciliation is ordered by, byte by byte.
    public var key: String
    public var name: String
    /// nil: no board was claimed under it.
    public var unit: Int64?
    /// The order of the unit, or of the list that created the name.
    public var order: String?
    public var identity: String?
    /// The unit's state; nil without a unit.
    public var state: BoardUnit.State?
    /// The cloud's id as a registration told it.
    public var iotID: String?
    /// Without pre-registration: the ClientID the unit keeps.
    public var clientID: String?
    /// Without pre-registration: boots since then, each of which may have made one more ClientID.
    public var looseBoots: Int64
    /// Whether an order's list created it in advance, and it was not cleaned up since.
    public var isListed: Bool
    /// Whether the product had it before this station began.
    public var isBaseline: Bool
    /// Whether a write of its board's flash was ever begun.
    public var isFlashed: Bool
    /// Whether it was opened for registration again and has not passed since.
    public var isReset: Bool
    /// Whether a run of the unit is open.
    public var isRunning: Bool
    /// Whether a named person has released the unit after what there was to see of it.
    public var isDecided: Bool
    public var clash: Clash?
    /// When a run of it first looked at the cloud's record, before its board was ever switched on: milliseconds since 1970
    /// by the cloud's clock, whole seconds; nil = never, or the cloud did not tell.
    public var lookedAt: Int64?
    /// The activation time in the evidence of the last pass, milliseconds since 1970.
    public var activatedAt: Int64?
    /// The keyed digest of the DeviceSecret in that evidence.
    public var secretDigest: String?
    /// The last record that changed anything of this.
    public var changed: Int64

    public init(
        key: String, name: String? = nil, unit: Int64? = nil, order: String? = nil, identity: String? = nil,
        state: BoardUnit.State? = nil, iotID: String? = nil, clientID: String? = nil, looseBoots: Int64 = 0,
        isListed: Bool = false, isBaseline: Bool = false, isFlashed: Bool = false, isReset: Bool = false,
        isRunning: Bool = false, isDecided: Bool = false, clash: Clash? = nil, lookedAt: Int64? = nil,
        activatedAt: Int64? = nil, secretDigest: String? = nil, changed: Int64 = 0
    ) {
        (self.key, self.name, self.unit, self.order) = (key, name ?? key, unit, order)
        (self.identity, self.state, self.iotID, self.clientID) = (identity, state, iotID, clientID)
        (self.looseBoots, self.isListed, self.isBaseline) = (looseBoots, isListed, isBaseline)
        (self.isFlashed, self.isReset, self.isRunning, self.isDecided) = (isFlashed, isReset, isRunning, isDecided)
        (self.clash, self.lookedAt, self.activatedAt) = (clash, lookedAt, activatedAt)
        (self.secretDigest, self.changed) = (secretDigest, changed)
    }
}
