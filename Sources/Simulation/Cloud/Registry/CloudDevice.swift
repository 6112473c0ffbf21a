/// Name of a device within the account: product and DeviceName.
struct DeviceKey: Hashable, Codable, Sendable, CustomStringConvertible {
    let product: String
    let name: String

    var description: String { "\(product)/\(name)" }
}

/// What the platform shows as a device's `Status`.
enum DeviceLife: String, Sendable {
    case unactive = "UNACTIVE"
    case online = "ONLINE"
    case offline = "OFFLINE"
    case disabled = "DISABLE"
}

/// One device as the platform holds it. Times are milliseconds since 1970.
///
/// Activation is the first successful normal connection and happens once; a registration connection never counts.
struct CloudDevice: Codable, Sendable, CustomStringConvertible, CustomReflectable {
    let key: DeviceKey
    /// Opaque, one for each creation: a device created again under its old name has another one.
    let iotID: String
    /// Position in the order of creation, for the paging calls.
    let number: Int
    var nickname: String?
    /// The DeviceSecret last issued, the only one that is valid.
    var secret: String
    /// Moved back by ``CloudState/age(product:hours:)`` alone.
    var created: Int64
    var modified: Int64
    var activated: Int64?
    var lastOnline: Int64?
    /// When the status last changed.
    var changed: Int64
    var isDisabled = false
    /// Whether dynamic registration is accepted: until the first normal connection, and again after ResetThing.
    var registrationOpen = true
    /// Whether the next registration hands out the present secret again, as ResetThing leaves it by default.
    var keepsSecret = false
    var firmwareVersion: String?
    var address: String?
    /// Credentials issued without pre-registration, oldest first, at most ``ClientCredential/maximumPerDevice``.
    var clients: [ClientCredential] = []
    /// Tags stored by SaveDeviceProp.
    var tags: [String: String] = [:]
    /// The batch job that created the device.
    var batch: Int64?
    /// Serial number (`Sn`) of an imported device.
    var serial: String?

    /// Status, given whether a session of the device is open now.
    func life(isOnline: Bool) -> DeviceLife {
        if isDisabled { return .disabled }
        guard activated != nil else { return .unactive }
        return isOnline ? .online : .offline
    }

    /// A time for this device's next online record: now, but later than the one before even within one millisecond.
    func nextOnline(now: Int64) -> Int64 { max(now, (lastOnline ?? .min) &+ (lastOnline == nil ? 0 : 1)) }

    var description: String { "device \(key)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
