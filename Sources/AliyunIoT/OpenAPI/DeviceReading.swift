/// The cloud's word for a device's state.
public enum DeviceState: String, Sendable, CaseIterable {
    /// Never connected with its device credential.
    case unactive = "UNACTIVE"
    case online = "ONLINE"
    /// Has been connected before.
    case offline = "OFFLINE"
    case disable = "DISABLE"

    /// Whether a device in this state has connected before; nil where the state does not say (DISABLE).
    public var isActive: Bool? {
        switch self {
        case .unactive: false
        case .online, .offline: true
        case .disable: nil
        }
    }
}

/// One look at a device's record in the cloud (QueryDeviceDetail). All times are the cloud's own, as it wrote them.
public struct DeviceReading: Sendable, Equatable {
    /// Nil for a state this program does not know; it proves nothing.
    public let state: DeviceState?
    /// The cloud's unique id of this device; another one after delete and create. Empty if it was not told.
    public let iotID: String
    /// `UtcCreate`: ISO 8601 with milliseconds and Z. Nil where the cloud left it out or empty.
    public let createdAt: String?
    /// `UtcActive`: set by the first normal connection.
    public let activatedAt: String?
    /// `UtcOnline`: the last time the device came online.
    public let onlineAt: String?
    /// What the device reported of itself.
    public let firmwareVersion: String?
    /// Keyed digest of the DeviceSecret the cloud showed, by which two readings are compared; nil where none was shown or
    /// the client takes none.
    public let secretDigest: String?
    public let requestID: String
    /// The answer's HTTP `Date` header.
    public let cloudDate: String?

    public init(
        state: DeviceState?, iotID: String, createdAt: String? = nil, activatedAt: String? = nil,
        onlineAt: String? = nil, firmwareVersion: String? = nil, secretDigest: String? = nil, requestID: String,
        cloudDate: String? = nil
    ) {
        self.secretDigest = secretDigest
        self.state = state
        self.iotID = iotID
        self.createdAt = createdAt
        self.activatedAt = activatedAt
        self.onlineAt = onlineAt
        self.firmwareVersion = firmwareVersion
        self.requestID = requestID
        self.cloudDate = cloudDate
    }
}

extension DeviceReading {
    /// Whether the device has connected before: by its activation time or, where there is none, by its state; nil where
    /// neither says.
    public var isActive: Bool? { activatedAt != nil ? true : state?.isActive }
}

/// What looking for a device gave: its record, or the certainty that there is none, with the cloud's name for the call.
public struct DeviceLookup: Sendable, Equatable {
    /// Nil = the cloud says there is no such device (`iot.device.NotExistedDevice`).
    public let reading: DeviceReading?
    public let requestID: String
    public let cloudDate: String?

    public init(reading: DeviceReading?, requestID: String, cloudDate: String? = nil) {
        self.reading = reading
        self.requestID = requestID
        self.cloudDate = cloudDate
    }
}

/// How a device is named in a call: by the cloud's id, or by product and name.
public enum DeviceAddress: Sendable, Equatable {
    case iotID(String)
    case name(productKey: String, deviceName: String)
}
