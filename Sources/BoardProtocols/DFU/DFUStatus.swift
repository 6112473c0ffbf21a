/// bStatus: how the last request ended.
///
/// Source: USB DFU 1.1, section 6.1.2.
public enum DFUStatus: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    case ok, target, file, write, erase, checkErased, program, verify
    case address, notDone, firmware, vendor, usbReset, powerOnReset, unknown, stalledPacket

    /// As the specification spells it.
    public var name: String {
        switch self {
        case .ok: "OK"
        case .target: "errTARGET"
        case .file: "errFILE"
        case .write: "errWRITE"
        case .erase: "errERASE"
        case .checkErased: "errCHECK_ERASED"
        case .program: "errPROG"
        case .verify: "errVERIFY"
        case .address: "errADDRESS"
        case .notDone: "errNOTDONE"
        case .firmware: "errFIRMWARE"
        case .vendor: "errVENDOR"
        case .usbReset: "errUSBR"
        case .powerOnReset: "errPOR"
        case .unknown: "errUNKNOWN"
        case .stalledPacket: "errSTALLEDPKT"
        }
    }

    /// What it means, for a person.
    public var meaning: String {
        switch self {
        case .ok: "no error"
        case .target: "the image is not meant for this device"
        case .file: "the image fails a check of the device's own"
        case .write: "memory cannot be written"
        case .erase: "memory cannot be erased"
        case .checkErased: "memory is not empty after erasing"
        case .program: "memory cannot be programmed"
        case .verify: "memory does not hold what was programmed"
        case .address: "the address is outside the memory"
        case .notDone: "the image ended too early"
        case .firmware: "the device's firmware is damaged and cannot be started"
        case .vendor: "an error of the vendor's own, such as read protection"
        case .usbReset: "an unexpected USB reset came"
        case .powerOnReset: "an unexpected power-on reset came"
        case .unknown: "an unknown error"
        case .stalledPacket: "the device did not expect the request"
        }
    }

    public var description: String { "\(name) (\(meaning))" }
}

/// The six bytes that GETSTATUS brings.
public struct DFUReport: Sendable, Equatable {
    public let status: DFUStatus
    /// The host must wait so long before its next request; 0 to 16,777,215 ms.
    public let pollTimeout: Duration
    public let state: DFUState

    /// nil where the bytes are no answer to GETSTATUS. A status beyond those of the specification counts as unknown.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= 6, let state = DFUState(rawValue: bytes[4]) else { return nil }
        status = DFUStatus(rawValue: bytes[0]) ?? .unknown
        pollTimeout = .milliseconds(Int(bytes[1]) | Int(bytes[2]) << 8 | Int(bytes[3]) << 16)
        self.state = state
    }
}
