/// A name the cloud will not take, and why.
public struct RefusedName: Sendable, Equatable, Decodable {
    public let deviceName: String
    /// In the cloud's words, cut to one clean line.
    public let reason: String

    public init(deviceName: String, reason: String) {
        self.deviceName = deviceName
        self.reason = reason
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        deviceName = try fields.decode(String.self, forKey: WireKey("DeviceName"))
        reason = CloudError.clean(fields.text("ErrorMsg") ?? "")
    }

    /// The names of both lists, each once, with the reason where one is told.
    static func merge(_ names: [String], _ details: [RefusedName]) -> [RefusedName] {
        var seen: Set<String> = []
        let all = details + names.map { RefusedName(deviceName: $0, reason: "") }
        return all.filter { seen.insert($0.deviceName).inserted }
    }
}

/// What BatchCheckDeviceNames answered.
public struct BatchCheck: Sendable, Equatable {
    /// Names this check from now on; nil if the cloud gave none, as it may where every name is refused.
    public let applyID: Int64?
    /// From `InvalidDeviceNameList` and `InvalidDetailList`.
    public let invalid: [RefusedName]
    /// `RepeatDevieNameList`, spelled so by the platform.
    public let repeated: [String]
    public let requestID: String

    public init(applyID: Int64?, invalid: [RefusedName] = [], repeated: [String] = [], requestID: String = "") {
        self.applyID = applyID
        self.invalid = invalid
        self.repeated = repeated
        self.requestID = requestID
    }
}

/// What QueryBatchRegisterDeviceStatus answered.
public struct BatchStatus: Sendable, Equatable {
    public enum Phase: String, Sendable, CaseIterable {
        case check = "CHECK"
        case checkSuccess = "CHECK_SUCCESS"
        case checkFailed = "CHECK_FAILED"
        case create = "CREATE"
        case createSuccess = "CREATE_SUCCESS"
        case createFailed = "CREATE_FAILED"
    }

    /// Nil for a word this program does not know: ask again.
    public let phase: Phase?
    /// Filled only for a `…_FAILED` phase, as ``invalid`` is.
    public let valid: [String]
    public let invalid: [RefusedName]
    public let requestID: String

    public init(phase: Phase?, valid: [String] = [], invalid: [RefusedName] = [], requestID: String = "") {
        self.phase = phase
        self.valid = valid
        self.invalid = invalid
        self.requestID = requestID
    }
}

/// One page of QueryPageByApplyId: devices created by one batch, without their DeviceSecrets.
public struct BatchPage: Sendable, Equatable {
    public struct Device: Sendable, Equatable, Decodable {
        public let deviceName: String
        /// Empty if the cloud did not tell it.
        public let iotID: String

        public init(deviceName: String, iotID: String) {
            self.deviceName = deviceName
            self.iotID = iotID
        }

        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: WireKey.self)
            deviceName = try fields.decode(String.self, forKey: WireKey("DeviceName"))
            iotID = fields.text("IotId") ?? ""
        }
    }

    public let devices: [Device]
    /// From 1.
    public let number: Int
    public let pageCount: Int
    /// Of all pages.
    public let total: Int

    public init(devices: [Device], number: Int, pageCount: Int, total: Int) {
        self.devices = devices
        self.number = number
        self.pageCount = pageCount
        self.total = total
    }
}

/// Data of BatchCheckDeviceNames.
struct BatchCheckData: Decodable, Sendable {
    let applyID: Int64?
    let invalid: [RefusedName]
    let repeated: [String]

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        applyID = fields.number("ApplyId")
        invalid = RefusedName.merge(
            try fields.elements("InvalidDeviceNameList", in: "InvalidDeviceName"),
            try fields.elements("InvalidDetailList", in: "InvalidDetailList"))
        repeated = try fields.elements("RepeatedDeviceNameList", in: "RepeatDevieNameList")
    }
}

/// Data of QueryBatchRegisterDeviceStatus; the inner list of details begins with a small letter here.
struct BatchStatusData: Decodable, Sendable {
    let status: String?
    let valid: [String]
    let invalid: [RefusedName]

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        status = fields.text("Status")
        valid = try fields.elements("ValidList", in: "Name")
        invalid = RefusedName.merge(
            try fields.elements("InvalidList", in: "Name"),
            try fields.elements("InvalidDetailList", in: "invalidDetailList"))
    }
}

/// Data of BatchRegisterDeviceWithApplyId.
struct ApplyData: Decodable, Sendable {
    let applyID: Int64?

    init(from decoder: any Decoder) throws {
        applyID = try decoder.container(keyedBy: WireKey.self).number("ApplyId")
    }
}

/// QueryPageByApplyId's fields, which stand beside the envelope's; `DeviceSecret` is left where it is.
struct BatchPageData: Decodable, Sendable {
    let devices: [BatchPage.Device]
    let page, pageCount, total: Int?

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: WireKey.self)
        devices = try fields.elements("ApplyDeviceList", in: "ApplyDeviceInfo")
        page = fields.value("Page")
        pageCount = fields.value("PageCount")
        total = fields.value("Total")
    }
}
