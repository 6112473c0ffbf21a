/// A refusal by the product's own logic: HTTP 200 with `Success` false.
///
/// Source: "Error codes – IoT Platform" (document 87387).
struct BusinessError: Error, Sendable {
    let code: String
    let message: String

    static let noProductKey = BusinessError(
        code: "iot.prod.NullProductKey", message: "The ProductKey parameter is required.")
    static let badProductKey = BusinessError(
        code: "iot.prod.InvalidFormattedProductkey", message: "The ProductKey is not well formatted.")
    static let noProduct = BusinessError(
        code: "iot.prod.NotExistedProduct", message: "The specified product does not exist.")
    static let noDeviceName = BusinessError(
        code: "iot.device.NullDeviceName", message: "The DeviceName parameter is required.")
    static let badDeviceName = BusinessError(
        code: "iot.device.InvalidFormattedDeviceName",
        message: "The DeviceName must be 4 to 32 letters, digits, hyphens, underscores, at signs, dots or colons.")
    static let nameExists = BusinessError(
        code: "iot.device.AlreadyExistedDeviceName", message: "The DeviceName already exists.")
    static let noDevice = BusinessError(
        code: "iot.device.NotExistedDevice", message: "The specified device does not exist.")
    static let badIotID = BusinessError(
        code: "iot.device.InvalidIoTId", message: "The IotId is invalid.")
    static let noNames = BusinessError(
        code: "iot.device.NoneDeviceNameElement", message: "The list of DeviceNames is empty.")
    static let badPage = BusinessError(
        code: "iot.common.InvalidPageParams", message: "The paging parameters are invalid.")

    static let noBatch = BusinessError(
        code: "iot.device.NullApplyId", message: "The ApplyId parameter is required.")
    static let badBatchID = BusinessError(
        code: "iot.device.InvalidFormattedApplyId", message: "The ApplyId must be a positive whole number.")
    static let unknownBatch = BusinessError(
        code: "iot.device.DeviceApplyIsNotFound", message: "The specified application does not exist.")
    /// Spelled so by the platform.
    static let badBatch = BusinessError(
        code: "iot.device.IncorrentDeviceApplyInfo", message: "The application is not in a state for this.")
    static let batchIsRunning = BusinessError(
        code: "iot.device.CreateDeviceTaskIsRunning", message: "A task that creates devices is running.")
    static let tooManyBatches = BusinessError(
        code: "iot.device.ApplyManyDevicesFailed", message: "Too many devices are applied for.")
    static let tooManyDevices = BusinessError(
        code: "iot.device.DeviceCountExceeded", message: "The number of devices exceeds the limit.")
    static let tooManyProducts = BusinessError(
        code: "iot.prod.ProductCountExceedMax", message: "The number of products exceeds the limit.")
    static let productNameExists = BusinessError(
        code: "iot.prod.AlreadyExistedProductName", message: "The ProductName already exists.")
    static let notServed = BusinessError(
        code: "iot.common.APINotSupportedInInstance", message: "The operation is not supported in this instance.")

    static func badParameter(_ name: String) -> BusinessError {
        BusinessError(
            code: "iot.common.InvalidFormattedParameter", message: "The format of the parameter \(name) is invalid.")
    }

    func answer(requestID: String) -> WebAnswer {
        WebAnswer(
            status: 200,
            [
                "RequestId": .string(requestID), "Success": .bool(false), "Code": .string(code),
                "ErrorMessage": .string(message),
            ]
        )
    }
}
