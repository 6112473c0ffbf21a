/// What RegisterDevice answered, without the DeviceSecret: that one is dropped while the answer is read.
public struct RegisteredDevice: Sendable, Equatable {
    public let iotID: String
    /// As the cloud has it.
    public let deviceName: String
    public let requestID: String
    /// The answer's HTTP `Date` header.
    public let cloudDate: String?

    public init(iotID: String, deviceName: String, requestID: String, cloudDate: String? = nil) {
        self.iotID = iotID
        self.deviceName = deviceName
        self.requestID = requestID
        self.cloudDate = cloudDate
    }
}

/// What GetDeviceStatus answered: cheaper than the whole record, and with a budget of its own (500 a second).
public struct DeviceStatus: Sendable, Equatable {
    public let state: DeviceState?
    /// When that state began, milliseconds since 1970 by the cloud's clock.
    public let timestamp: Int64?
    public let requestID: String
}

/// What QueryProduct answered, without the ProductSecret: that one is dropped while the answer is read.
public struct ProductDetail: Sendable, Equatable {
    public let productKey: String
    public let productName: String?
    /// `DEVELOPMENT_STATUS` or `RELEASE_STATUS`.
    public let productStatus: String?
    /// `secret`, `id2` or `x509`; only `secret` can be registered dynamically.
    public let authType: String?
    /// 0 device, 1 gateway.
    public let nodeType: Int?
    public let deviceCount: Int?
    public let requestID: String
    /// The answer's HTTP `Date` header.
    public let cloudDate: String?

    /// Whether the product is released.
    public var isReleased: Bool { productStatus == "RELEASE_STATUS" }
}
