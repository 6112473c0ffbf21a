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

    /// Number of the unit in this journal, from 1.
    public let id: Int64
    public let order: String
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

    public init(
        id: Int64, order: String, productKey: String, identity: Identity, uid: HardwareUID, deviceName: DeviceName,
        state: State, runs: Int, iotID: String?, flashUnknown: Bool, registrationUnknown: Bool
    ) {
        (self.id, self.order, self.productKey, self.identity) = (id, order, productKey, identity)
        (self.uid, self.deviceName, self.state, self.runs) = (uid, deviceName, state, runs)
        (self.iotID, self.flashUnknown, self.registrationUnknown) = (iotID, flashUnknown, registrationUnknown)
    }
}
