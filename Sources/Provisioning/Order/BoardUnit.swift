/// One physical device as the journal knows it.
public struct BoardUnit: Hashable, Sendable {
    /// What the journal says of the unit now.
    public enum State: String, Sendable, CaseIterable {
        /// Claimed, a run is under way or has not been settled.
        case claimed
        /// The last run failed: it may be retested.
        case failed
        /// Flashed, waits only for its activation.
        case awaitingActivation
        case passed, done, held, scrapped, replaced
    }

    /// What the journal says of the device's activity in the cloud; the leak watch compares with it.
    public enum Activity: Int, Sendable {
        /// No board of this unit has been switched on since it was last seen inactive.
        case none
        /// It was switched on, or connected for, and no reading since has settled whether it is active.
        case possible
        /// A reading of a run showed it active.
        case seen
    }

    /// Number of the unit in this journal, from 1.
    public let id: Int64
    public let order: String
    /// Its place in the order, from 1, in the order of the first claims.
    public let ordinal: Int
    public let productKey: String
    public let identity: Identity
    public let uid: HardwareUID
    public let deviceName: DeviceName
    public var state: State
    /// Runs started after the claim, this one included.
    public var runs: Int
    /// The cloud's own id of the device, once registered.
    public var iotID: String?
    /// Whether an earlier write to its flash never finished, so that its content is unknown.
    public var flashUnknown: Bool
    /// Whether an earlier registration was begun and its answer never seen.
    public var registrationUnknown: Bool
    /// What is done when the board is placed again.
    public var pending: PendingWork?
    /// Without pre-registration: the ClientID of the last run that settled it.
    public var clientID: String?
    /// Without pre-registration: boots since then, each of which may have made one more ClientID.
    public var unsettledBoots: Int
    public var activity: Activity
    /// Whether it was reset and has not passed since.
    public var wasReset: Bool
    /// The SIM card it was first read with; nil = none was read.
    public var iccid: String?
    /// The unit tag: 32 hexadecimal digits that its board carries once it was flashed; nil = its profile has none.
    public var tag: String?

    public init(
        id: Int64, order: String, ordinal: Int = 1, productKey: String, identity: Identity, uid: HardwareUID,
        deviceName: DeviceName, state: State, runs: Int, iotID: String? = nil, flashUnknown: Bool = false,
        registrationUnknown: Bool = false, pending: PendingWork? = nil, clientID: String? = nil,
        unsettledBoots: Int = 0, activity: Activity = .none, wasReset: Bool = false, iccid: String? = nil,
        tag: String? = nil
    ) {
        (self.id, self.order, self.ordinal, self.productKey) = (id, order, ordinal, productKey)
        (self.identity, self.uid, self.deviceName, self.state) = (identity, uid, deviceName, state)
        (self.runs, self.iotID, self.flashUnknown) = (runs, iotID, flashUnknown)
        (self.registrationUnknown, self.pending, self.clientID) = (registrationUnknown, pending, clientID)
        (self.unsettledBoots, self.activity, self.wasReset) = (unsettledBoots, activity, wasReset)
        (self.iccid, self.tag) = (iccid, tag)
    }
}
