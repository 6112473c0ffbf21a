/// What a person asks for one unit.
public enum UnitRequest: Codable, Hashable, Sendable {
    /// Everything is written again when the board is placed; the device credential is kept.
    case reflash
    /// The device is opened for registration again when the board is placed, and its device credential erased.
    case reset
    /// The unit is given up: its device is deleted, without pre-registration disabled.
    /// - destroyed: two people sign that the board is destroyed; its place in the quota is given back.
    case scrap(destroyed: Bool)
    /// The unit is given up and the board with this identity takes its place.
    case replace(identity: String, destroyed: Bool)
    case disable
    case enable
    /// Keeps one ClientID and makes the others void.
    case keepClientID(String)
    /// Makes all ClientIDs void.
    case clearClientIDs

    /// As the journal names it.
    var kind: String {
        switch self {
        case .reflash: "reflash"
        case .reset: "reset"
        case .scrap: "scrap"
        case .replace: "replace"
        case .disable: "disable"
        case .enable: "enable"
        case .keepClientID: "keep-client-id"
        case .clearClientIDs: "clear-client-ids"
        }
    }

    /// Whether a second person must sign.
    var needsTwo: Bool {
        switch self {
        case .scrap(let destroyed), .replace(_, let destroyed): destroyed
        case .reflash, .reset, .disable, .enable, .keepClientID, .clearClientIDs: false
        }
    }
}
