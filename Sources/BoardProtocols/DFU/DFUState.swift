/// bState: where a DFU device stands.
///
/// Source: USB DFU 1.1, section 6.1.2.
public enum DFUState: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    case appIdle, appDetach, idle, downloadSync, downloadBusy, downloadIdle
    case manifestSync, manifest, manifestWaitReset, uploadIdle, error

    /// As the specification spells it.
    public var description: String {
        switch self {
        case .appIdle: "appIDLE"
        case .appDetach: "appDETACH"
        case .idle: "dfuIDLE"
        case .downloadSync: "dfuDNLOAD-SYNC"
        case .downloadBusy: "dfuDNBUSY"
        case .downloadIdle: "dfuDNLOAD-IDLE"
        case .manifestSync: "dfuMANIFEST-SYNC"
        case .manifest: "dfuMANIFEST"
        case .manifestWaitReset: "dfuMANIFEST-WAIT-RESET"
        case .uploadIdle: "dfuUPLOAD-IDLE"
        case .error: "dfuERROR"
        }
    }
}
