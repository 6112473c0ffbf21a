/// How the boards of an order are activated.
public enum ActivationMode: Hashable, Sendable, CustomStringConvertible {
    /// Each board's own firmware registers and connects.
    case board
    /// Boards without a network on the line: the station registers for the board, hands it the credential, and makes the
    /// first connection once the board has proved that it stored it.
    case relay
    /// Every Nth board of the order is activated by its own firmware; the others end as *done*. N from 2 to 1000.
    case sample(every: Int)

    /// Reads `board`, `relay` or `sample=N`; nil for anything else.
    public init?(_ text: String) {
        switch text {
        case "board": self = .board
        case "relay": self = .relay
        default:
            guard text.hasPrefix("sample="), let every = Int(text.dropFirst(7)), (2...1000).contains(every) else {
                return nil
            }
            self = .sample(every: every)
        }
    }

    public var description: String {
        switch self {
        case .board: "board"
        case .relay: "relay"
        case .sample(let every): "sample=\(every)"
        }
    }

    /// Whether the board with this place in the order, from 1, is one that is activated.
    public func activates(_ ordinal: Int) -> Bool {
        switch self {
        case .board, .relay: true
        case .sample(let every): ordinal.isMultiple(of: every)
        }
    }
}
