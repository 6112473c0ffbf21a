/// Why the platform refuses a dynamic registration, with the code of its HTTPS channel.
///
/// Source: error codes of "Register devices" (document 120329). 6100 is listed there for sub-devices only, and 522 is
/// the code of the device-side log for a disabled device; both are our choice for this channel.
enum RegistrationRefusal: Int, Error, Sendable {
    case malformed = 460
    case platform = 500
    case disabled = 522
    case unknownDevice = 6100
    case unknownProduct = 6250
    case switchOff = 6288
    case alreadyActive = 6289
    case signMethod = 6292
    case wrongSignature = 6600
    /// Numbers of our own, for the stand-in's log alone: the mode without pre-registration has no HTTPS channel.
    case notServed = 9001
    case tooManyClients = 9002
    case tooManyDevices = 9003

    var message: String {
        switch self {
        case .malformed: "parameter is missing or malformed"
        case .platform: "system error"
        case .disabled: "device is disabled"
        case .unknownDevice: "device not found"
        case .unknownProduct: "product not found"
        case .switchOff: "auto register is not enabled"
        case .alreadyActive: "device is already active"
        case .signMethod: "sign method is not supported"
        case .wrongSignature: "sign does not match"
        case .notServed: "registration without pre-registration is not served"
        case .tooManyClients: "five ClientIDs exist already"
        case .tooManyDevices: "the instance has as many devices as it may have"
        }
    }
}
