public import Provisioning

/// One of the cloud's devices, as reconciliation takes it. All times are the cloud's own, milliseconds since 1970.
public struct CloudName: Hashable, Sendable {
    /// As the platform names it; raw values are its words.
    public enum State: String, Sendable, CaseIterable {
        case unactive = "UNACTIVE"
        case online = "ONLINE"
        case offline = "OFFLINE"
        case disable = "DISABLE"
    }

    /// The name, case folded: what reconciliation is ordered by, byte by byte.
    public var key: String
    public var name: String
    /// Empty where the cloud did not tell it.
    public var iotID: String
    /// nil: a state this program does not know.
    public var state: State?
    public var createdAt: Int64?
    /// Told by a device's own record alone; nil = never, or not asked.
    public var activatedAt: Int64?
    /// The keyed digest of the DeviceSecret that the cloud showed.
    public var secretDigest: String?
    /// nil = not asked.
    public var clientIDs: [String]?
    /// The journal's last record when the device's own record was asked for; nil = only a listing tells of it.
    public var askedAt: Int64?
    /// The same for its ClientIDs; nil = they were not asked for.
    public var idsAskedAt: Int64?
    /// Whether the cloud was asked for it and has no such device.
    public var isAbsent: Bool

    public init(
        key: String, name: String? = nil, iotID: String = "", state: State? = nil, createdAt: Int64? = nil,
        activatedAt: Int64? = nil, secretDigest: String? = nil, clientIDs: [String]? = nil, askedAt: Int64? = nil,
        idsAskedAt: Int64? = nil, isAbsent: Bool = false
    ) {
        (self.key, self.name, self.iotID, self.state) = (key, name ?? key, iotID, state)
        (self.createdAt, self.activatedAt, self.secretDigest) = (createdAt, activatedAt, secretDigest)
        (self.clientIDs, self.askedAt, self.idsAskedAt) = (clientIDs, askedAt, idsAskedAt)
        self.isAbsent = isAbsent
    }

    /// Whether the device has connected before; nil where neither its activation time nor its state says.
    public var isActive: Bool? {
        if activatedAt != nil { return true }
        switch state {
        case .online, .offline: return true
        case .unactive: return false
        case .disable, nil: return nil
        }
    }

    /// Whether it may connect and has: a device that is disabled is shut out.
    var isLive: Bool { state == .online || state == .offline }
}

extension CloudName {
    /// As the archive carries it, one a line: what the cloud said of a name that took part.
    public func json(whose match: ReconcileMatch) -> JSONValue {
        [
            "device_name": .string(name), "iot_id": .string(iotID), "state": .init(state?.rawValue),
            "created_at": ReconcileMatch.time(createdAt), "activated_at": ReconcileMatch.time(activatedAt),
            "secret_digest": .init(secretDigest),
            "client_ids": clientIDs.map { .array($0.map(JSONValue.string)) } ?? .null, "absent": .bool(isAbsent),
            "ours": .bool(match.isOurs),
        ]
    }
}
