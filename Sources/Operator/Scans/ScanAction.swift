import Execution
import Provisioning

/// What is to be done after a scan; performed outside of the dialogue.
enum ScanAction: Hashable, Sendable {
    case openOrder(id: String)
    case confirmFirstArticle(order: String)
    case nameCause(order: String, reason: String)
    case unit(name: String, UnitRequest, reason: String, second: String?)
    case hold(unit: String, reason: String)
    case release(unit: String, reason: String, second: String?)
    case label(slot: String?, text: String)
    case call(unit: String?, slot: String?)
    case reprint(unit: String, reason: String)
    /// Signs off.
    case signOff
    /// Ends the shift for the whole line, with what the next one should know.
    case endShift(id: String, note: String?)

    /// Who may.
    var permission: Permission {
        switch self {
        case .openOrder: .changeOrder
        case .confirmFirstArticle: .confirmFirstArticle
        case .nameCause: .nameCause
        case .unit(_, let request, _, _): request.permission
        case .hold: .holdUnit
        case .release: .releaseUnit
        case .label, .call, .reprint, .signOff, .endShift: .work
        }
    }
}

extension UnitRequest {
    /// Who may order it.
    var permission: Permission {
        switch self {
        case .reflash: .reflash
        case .reset: .reset
        case .scrap: .scrap
        case .replace: .replace
        case .disable, .enable: .disable
        case .keepClientID, .clearClientIDs: .clientIDs
        }
    }
}

extension FailureCode {
    /// Whether a hold for this cause is ended by two people: another board may stand under the unit's name.
    var isReleasedByTwo: Bool {
        [.duplicateIdentity, .duplicateUID, .overlappingMAC, .identityChanged].contains(self)
    }
}
