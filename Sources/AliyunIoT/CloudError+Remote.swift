import Foundation

extension CloudError {
    /// Classes an error the cloud has answered with ("Error codes", IoT Platform API reference; general gateway codes).
    init(remoteCode: String, message: String, requestID: String?, reply: HTTPReply) {
        let code = Self.classify(remoteCode: remoteCode, httpStatus: reply.status)
        let said = Self.clean(message)
        self.init(
            code, "\(code.advice) The cloud says: \(said.isEmpty ? "nothing" : said).",
            remoteCode: remoteCode.isEmpty ? nil : Self.clean(remoteCode), requestID: requestID,
            httpStatus: reply.status, retryAfter: reply.retryAfter, cloudDate: reply.date)
    }

    static func classify(remoteCode: String, httpStatus: Int) -> Code {
        if let known = known[remoteCode] { return known }
        if let prefix = prefixes.first(where: { remoteCode.hasPrefix($0.0) }) { return prefix.1 }
        if httpStatus == 429 { return .throttled }
        if httpStatus >= 500 { return .outage }
        return .unexpected
    }

    private static let known: [String: Code] = [
        "iot.system.SystemException": .outage,
        "ServiceUnavailable": .outage,
        "InternalError": .outage,
        "IllegalTimestamp": .clock,
        "SignatureDoesNotMatch": .credentials,
        "IncompleteSignature": .credentials,
        "iot.common.InvalidTenant": .permission,
        "iot.common.RamActionPermissionDeny": .permission,
        "iot.common.AuthActionPermissionDeny": .permission,
        "iot.common.APINotSupportedInInstance": .permission,
        "NoPermission": .permission,
        "iot.prod.NotExistedProduct": .notFound,
        "iot.device.NotExistedDevice": .notFound,
        "iot.device.InactiveDevice": .notFound,
        "iot.device.DeviceApplyIsNotFound": .notFound,
        "iot.device.AlreadyExistedDeviceName": .alreadyExists,
        "iot.device.DeviceCountExceeded": .quota,
        "iot.device.ApplyManyDevicesFailed": .quota,
        "iot.prod.ProductCountExceedMax": .quota,
        "iot.device.NoneDeviceNameElement": .input,
    ]

    /// Tried in order after the exact codes.
    private static let prefixes: [(String, Code)] = [
        ("Throttling", .throttled),
        ("InvalidTimeStamp", .clock),
        ("InvalidAccessKey", .credentials),
        ("InvalidSecurityToken", .credentials),
        ("MissingSecurityToken", .credentials),
        ("Forbidden", .permission),
        ("iot.device.InvalidFormatted", .input),
        ("iot.device.Null", .input),
        ("iot.device.InvalidIoTId", .input),
        ("iot.common.Invalid", .input),
        ("iot.prod.InvalidFormatted", .input),
        ("iot.prod.Null", .input),
        ("InvalidParameter", .input),
        ("Missing", .input),
    ]

    /// A text of the cloud's that may be shown and stored: one line, at most 160 characters, without the echo of the
    /// string to sign.
    static func clean(_ text: String) -> String {
        let echo = text.range(of: "server string to sign").map { text[..<$0.lowerBound] } ?? text[...]
        let line = String(echo.map { $0.isNewline || $0.asciiValue.map { $0 < 32 || $0 == 127 } == true ? " " : $0 })
        var words = line.split(separator: " ").joined(separator: " ")
        while words.hasSuffix(".") { words.removeLast() }
        return String(words.prefix(160))
    }
}

extension CloudError.Code {
    /// What it means for the line, and the next step.
    fileprivate var advice: String {
        switch self {
        case .throttled: "The account's calls per second are used up; waiting helps."
        case .outage: "The cloud has a fault of its own; waiting helps."
        case .clock: "This machine's clock is wrong: set it (the cloud allows 15 minutes)."
        case .credentials: "The AccessKey was refused: check its id, its secret and that it is active."
        case .permission: "The account may not do this: check the RAM user's rights and the instance."
        case .notFound: "The cloud does not know this product or device."
        case .alreadyExists: "The name exists already."
        case .quota: "A limit of the instance is reached: fewer devices or a larger instance."
        case .input: "The cloud refused a parameter: check product key and device name."
        case .timeout, .unreachable, .tls, .unexpected: "The cloud gave an answer that is not documented."
        }
    }
}
