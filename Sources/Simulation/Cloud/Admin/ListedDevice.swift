/// One device as the admin door lists it: never with its secret. Times are `Utc…` texts, `null` where they never were.
public struct ListedDevice: Codable, Equatable, Sendable {
    public var productKey: String
    public var deviceName: String
    public var iotID: String
    /// `UNACTIVE`, `ONLINE`, `OFFLINE` or `DISABLE`.
    public var status: String
    public var created: String
    public var activated: String?
    public var lastOnline: String?
    public var firmwareVersion: String?
    /// Whether dynamic registration of the name would be accepted.
    public var registrationOpen: Bool
    /// ClientIDs issued without pre-registration, oldest first.
    public var clientIDs: [String]

    enum CodingKeys: String, CodingKey {
        case status, created, activated
        case productKey = "product_key"
        case deviceName = "device_name"
        case iotID = "iot_id"
        case lastOnline = "last_online"
        case firmwareVersion = "firmware_version"
        case registrationOpen = "registration_open"
        case clientIDs = "client_ids"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(productKey, forKey: .productKey)
        try container.encode(deviceName, forKey: .deviceName)
        try container.encode(iotID, forKey: .iotID)
        try container.encode(status, forKey: .status)
        try container.encode(created, forKey: .created)
        try container.encode(activated, forKey: .activated)
        try container.encode(lastOnline, forKey: .lastOnline)
        try container.encode(firmwareVersion, forKey: .firmwareVersion)
        try container.encode(registrationOpen, forKey: .registrationOpen)
        try container.encode(clientIDs, forKey: .clientIDs)
    }
}
