/// What stands beside a PASS: two readings of the cloud's own record, the second of which can only be so because the
/// device has connected in between.
///
/// The first is taken while the board cannot connect (in its loader, or without power). No clock of this machine takes
/// part: only times the cloud wrote are compared with each other.
public struct ActivationEvidence: Sendable, Equatable {
    /// What the later reading shows.
    public enum Ground: String, Sendable {
        /// The activation time was not set before and is now.
        case activated
        /// The last-online time is strictly later than before.
        case cameOnline
    }

    /// Nil = the device was not there yet.
    public let before: DeviceReading?
    public let after: DeviceReading
    public let ground: Ground

    private init(before: DeviceReading?, after: DeviceReading, ground: Ground) {
        self.before = before
        self.after = after
        self.ground = ground
    }

    /// The evidence, or nil if the readings prove nothing.
    ///
    /// Nothing is proved by a state other than ONLINE or OFFLINE, by times that are missing or cannot be read, or by two
    /// readings of different devices (another IotId).
    /// - Parameter before: nil = the cloud said the device was not there.
    public static func prove(before: DeviceReading?, after: DeviceReading) -> ActivationEvidence? {
        guard after.state == .online || after.state == .offline else { return nil }
        if let before, !before.iotID.isEmpty, !after.iotID.isEmpty, before.iotID != after.iotID { return nil }

        let wasActivated = before?.activatedAt?.isEmpty == false
        if !wasActivated, after.activatedAt.flatMap({ CloudInstant($0) }) != nil {
            return ActivationEvidence(before: before, after: after, ground: .activated)
        }
        if let earlier = before?.onlineAt.flatMap({ CloudInstant($0) }),
            let later = after.onlineAt.flatMap({ CloudInstant($0) }), later > earlier
        {
            return ActivationEvidence(before: before, after: after, ground: .cameOnline)
        }
        return nil
    }
}
