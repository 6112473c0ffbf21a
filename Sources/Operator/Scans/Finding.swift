import Execution
import Provisioning

/// What was looked up about a scan before it is decided: the dialogue itself looks nothing up.
enum Finding: Sendable {
    case command(CardText.Command)
    /// The card that ends a shift, and the shift that is open.
    case shiftEnd(id: String?)
    case badge
    case order(id: String, OrderFinding?)
    case slot(name: String, SlotFinding?)
    case label(LabelFinding)

    /// An order as it stands.
    struct OrderFinding: Hashable, Sendable {
        let order: WorkOrder
        let passed: Int
        /// Slots of its profile in which a board of an earlier order lies yet.
        let occupied: [String]
    }

    /// A slot as its tile stands.
    struct SlotFinding: Hashable, Sendable {
        let word: String
        let unit: String?
        let message: Bilingual
    }

    /// A board's label.
    enum LabelFinding: Hashable, Sendable {
        /// Slots wait for a label; it goes to them.
        case awaited(text: String)
        case unit(UnitFinding)
        /// The form of an identity that no unit has; whether an order takes such boards now.
        case unknown(text: String, hasOrder: Bool)
        /// Neither card nor identity nor name.
        case unreadable
    }

    /// A unit as the journal and the line know it.
    struct UnitFinding: Hashable, Sendable {
        let unit: BoardUnit
        /// The code its last run ended with.
        let code: FailureCode?
        /// The slot on which it is now.
        let slot: String?
        let runLimit: Int
    }
}
