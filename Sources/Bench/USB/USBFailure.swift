import CLibUSB

/// Why a transfer or another call to a device did not succeed.
enum USBFailure: Error, Equatable, Sendable {
    /// The device refused the request.
    case stalled
    /// No answer until the deadline.
    case timedOut
    /// The device is no longer on the bus.
    case gone
    case cancelled
    /// Anything else: damaged on the wire, or an error of the system's.
    case broken(String)

    /// A result code of libusb's, below zero.
    init(code: Int32) {
        switch code {
        case LIBUSB_ERROR_NO_DEVICE.rawValue, LIBUSB_ERROR_NOT_FOUND.rawValue: self = .gone
        case LIBUSB_ERROR_PIPE.rawValue: self = .stalled
        case LIBUSB_ERROR_TIMEOUT.rawValue: self = .timedOut
        default: self = .broken(Self.text(code))
        }
    }

    /// libusb's name of a result code.
    static func text(_ code: Int32) -> String { String(cString: libusb_error_name(code)) }

    func linkError(_ device: USBBusDevice, doing what: String) -> LinkError {
        let port = "USB \(device.port)"
        return switch self {
        case .stalled: LinkError(.system, port: port, "\(what): the device refused the request")
        case .timedOut: LinkError(.writeTimeout, port: port, "\(what): the device did not answer in time")
        case .gone: LinkError(.lost, port: port, "\(what): the device was unplugged or reset itself")
        case .cancelled: LinkError(.cancelled, port: port, "cancelled")
        case .broken(let reason): LinkError(.system, port: port, "\(what): \(reason)")
        }
    }
}
