import Provisioning

/// One device's state as BatchGetDeviceState lists it.
public struct ListedState: Sendable, Equatable, Decodable {
    public let deviceName: String
    /// Empty if the cloud did not tell it.
    public let iotID: String
    /// Nil for a state this program does not know.
    public let state: DeviceState?
    /// As the cloud writes it; nil where it left it out or empty.
    public let lastOnlineTime: String?
    /// When the state began, milliseconds since 1970 by the cloud's clock.
    public let timestamp: Int64?

    public init(
        deviceName: String, iotID: String, state: DeviceState?, lastOnlineTime: String? = nil, timestamp: Int64? = nil
    ) {
        self.deviceName = deviceName
        self.iotID = iotID
        self.state = state
        self.lastOnlineTime = lastOnlineTime
        self.timestamp = timestamp
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        self.init(
            deviceName: try fields.decode(String.self, forKey: WireKey("DeviceName")),
            iotID: fields.text("IotId") ?? "", state: fields.text("Status").flatMap(DeviceState.init),
            lastOnlineTime: fields.text("LastOnlineTime"), timestamp: fields.number("Timestamp"))
    }
}

/// One device of a product as QueryDevice lists it, without its DeviceSecret.
public struct ListedDevice: Sendable, Equatable, Decodable {
    public let deviceName: String
    public let iotID: String
    public let state: DeviceState?
    /// `UtcCreate`; nil where the cloud left it out or empty.
    public let createdAt: String?
    /// Keyed digest of the DeviceSecret the cloud showed; nil where none was shown or none is taken.
    public var secretDigest: String?

    public init(
        deviceName: String, iotID: String, state: DeviceState?, createdAt: String? = nil, secretDigest: String? = nil
    ) {
        self.deviceName = deviceName
        self.iotID = iotID
        self.state = state
        self.createdAt = createdAt
        self.secretDigest = secretDigest
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        self.init(
            deviceName: try fields.decode(String.self, forKey: WireKey("DeviceName")),
            iotID: fields.text("IotId") ?? "", state: fields.text("DeviceStatus").flatMap(DeviceState.init),
            createdAt: fields.text("UtcCreate"))
    }
}

/// One device's record as BatchQueryDeviceDetail lists it; it has no last-online time, which is nil here.
public struct ListedReading: Sendable, Equatable {
    public let deviceName: String
    public let reading: DeviceReading

    public init(deviceName: String, reading: DeviceReading) {
        self.deviceName = deviceName
        self.reading = reading
    }
}

/// How many devices a product has (QueryDeviceStatistics).
public struct DeviceStatistics: Sendable, Equatable {
    public let deviceCount: Int
    public let activeCount: Int
    public let onlineCount: Int
    public let requestID: String

    public init(deviceCount: Int, activeCount: Int, onlineCount: Int, requestID: String = "") {
        self.deviceCount = deviceCount
        self.activeCount = activeCount
        self.onlineCount = onlineCount
        self.requestID = requestID
    }
}

/// One page of QueryDevice.
struct DevicePage: Decodable, Sendable {
    struct Row: Decodable, Sendable {
        let device: ListedDevice
        /// For its keyed digest only; dropped with this value.
        let secret: Secret?

        init(from decoder: any Decoder) throws {
            device = try ListedDevice(from: decoder)
            secret = try decoder.container(keyedBy: WireKey.self).text("DeviceSecret").map { Secret($0) }
        }
    }

    let rows: [Row]
    let page, pageCount: Int?
    let nextToken: String?

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        rows = try fields.elements("Data", in: "DeviceInfo")
        page = fields.value("Page")
        pageCount = fields.value("PageCount")
        nextToken = fields.text("NextToken")
    }
}

/// BatchGetDeviceState's list, which stands beside the envelope's fields.
struct StateListData: Decodable, Sendable {
    let states: [ListedState]

    init(from decoder: any Decoder) throws {
        states = try decoder.container(keyedBy: WireKey.self).elements("DeviceStatusList", in: "DeviceStatus")
    }
}

/// `Data.Data[]` of BatchQueryDeviceDetail.
struct DetailListData: Decodable, Sendable {
    struct Row: Decodable, Sendable {
        let deviceName: String
        let detail: DeviceDetailData

        init(from decoder: any Decoder) throws {
            deviceName = try decoder.container(keyedBy: WireKey.self).decode(
                String.self, forKey: WireKey("DeviceName"))
            detail = try DeviceDetailData(from: decoder)
        }
    }

    let rows: [Row]

    init(from decoder: any Decoder) throws {
        rows = try decoder.container(keyedBy: WireKey.self).elements("Data", in: "Data")
    }
}

/// Data of QueryDeviceStatistics, in lower camel case, unlike all else.
struct StatisticsData: Decodable, Sendable {
    let deviceCount, activeCount, onlineCount: Int
}

/// One product of the instance as QueryProductList lists it.
public struct ListedProduct: Sendable, Equatable, Decodable {
    public let productKey: String
    public let deviceCount: Int

    public init(productKey: String, deviceCount: Int) {
        (self.productKey, self.deviceCount) = (productKey, deviceCount)
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        self.init(
            productKey: try fields.decode(String.self, forKey: WireKey("ProductKey")),
            deviceCount: try fields.count("DeviceCount"))
    }
}

/// Data of QueryProductList.
struct ProductListData: Decodable, Sendable {
    let products: [ListedProduct]
    let pageCount: Int?

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        products = try fields.elements("List", in: "ProductInfo")
        pageCount = fields.value("PageCount")
    }
}
