/// What may be allowed. This is the one table of who may do what; `docs/operator.md` prints it, and a test compares them.
///
/// Anyone on the line may stop something; only a leader lets it go on.
public enum Permission: String, Sendable, CaseIterable {
    case look, work
    case holdUnit = "unit.hold"
    case changeOrder = "order.change"
    case changeShift = "shift.change"
    case confirmFirstArticle = "order.first-article"
    case nameCause = "order.repetition"
    case releaseUnit = "unit.release"
    case reflash = "unit.reflash"
    case reset = "unit.reset"
    case scrap = "unit.scrap"
    case replace = "unit.replace"
    case clientIDs = "unit.client-ids"
    case disable = "unit.disable"
    case countersign
    case report
    case createOrder = "order.create"
    case addRelease = "release.add"
    case people

    /// Who has it.
    public var roles: Set<Role> {
        switch self {
        case .look, .holdUnit: [.operator, .leader, .engineer, .owner]
        case .work: [.operator, .leader, .engineer]
        case .changeOrder, .changeShift, .confirmFirstArticle, .nameCause, .releaseUnit, .reflash, .reset, .scrap,
            .replace,
            .clientIDs, .disable:
            [.leader, .engineer]
        case .countersign, .report: [.leader, .engineer, .owner]
        case .createOrder: [.engineer, .owner]
        case .addRelease, .people: [.engineer]
        }
    }

    /// What it allows, in English, for the docs and the API's description.
    public var meaning: String {
        switch self {
        case .look: "see orders, releases and the life of a unit"
        case .work: "scan boards, slots and command cards, choose among open orders, end the shift"
        case .holdUnit: "put a unit on hold"
        case .changeOrder: "open, hold, reconcile, close and terminate an order"
        case .changeShift: "extend the shift, and begin one that the calendar does not"
        case .confirmFirstArticle: "confirm a first article"
        case .nameCause: "name the cause of a repeated failure and go on"
        case .releaseUnit: "let a unit on hold run again"
        case .reflash: "have a unit written again"
        case .reset: "reset a unit's device"
        case .scrap: "give a unit up"
        case .replace: "give a unit up for another board"
        case .clientIDs: "list a unit's ClientIDs, keep one, clear all"
        case .disable: "forbid a unit's device to connect, and allow it again"
        case .countersign: "sign as the second person"
        case .report: "see the figures of an order"
        case .createOrder: "make an order and set its quota"
        case .addRelease: "import a firmware release"
        case .people: "add, change and remove people and machine tokens"
        }
    }

    /// The table as Markdown: a line for each permission, a column for each role.
    public static var table: String {
        let head = "| permission | allows to | " + Role.allCases.map(\.rawValue).joined(separator: " | ") + " |"
        let rule = "|---|---|" + String(repeating: ":-:|", count: Role.allCases.count)
        let rows = allCases.map { permission in
            let marks = Role.allCases.map { permission.roles.contains($0) ? "✓" : "" }
            return "| `\(permission.rawValue)` | \(permission.meaning) | \(marks.joined(separator: " | ")) |"
        }
        return ([head, rule] + rows).joined(separator: "\n")
    }
}
