/// What stands in the barcode of one of the station's own cards: `PS1:`, what the card is, which one it is.
///
/// Anything else a scanner reads is a board's label.
public enum CardText: Equatable, Sendable {
    case command(Command)
    case slot(String)
    case order(String)
    /// A person's badge; its text is a credential.
    case badge(Secret)

    /// What a command card asks for.
    public enum Command: String, CaseIterable, Sendable {
        case ok = "OK"
        case cancel = "CANCEL"
        case reprint = "REPRINT"
        case call = "CALL"
        case redBin = "RED-BIN"
        case endShift = "END-SHIFT"
        /// A leader's work on the board that was scanned before.
        case reflash = "REFLASH"
        case reset = "RESET"
        case replace = "REPLACE"
        case scrap = "SCRAP"
    }

    /// What every card of this station family begins with.
    public static let prefix = "PS1:"

    /// Reads a scanned text; nil where it is no card of ours, an unknown command or a card without a value included.
    public init?(scanned text: String) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] + ":" == Self.prefix, !parts[2].isEmpty else { return nil }
        switch parts[1] {
        case "CMD":
            guard let command = Command(rawValue: parts[2]) else { return nil }
            self = .command(command)
        case "SLOT": self = .slot(parts[2])
        case "ORDER": self = .order(parts[2])
        case "BADGE": self = .badge(Secret(parts[2]))
        default: return nil
        }
    }

    /// The text for the barcode. A badge's must go nowhere else.
    public var text: String {
        switch self {
        case .command(let command): "\(Self.prefix)CMD:\(command.rawValue)"
        case .slot(let name): "\(Self.prefix)SLOT:\(name)"
        case .order(let id): "\(Self.prefix)ORDER:\(id)"
        case .badge(let badge): "\(Self.prefix)BADGE:\(badge.revealed)"
        }
    }
}
