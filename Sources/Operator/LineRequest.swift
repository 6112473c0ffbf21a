/// What the page asks of the line besides the commands that change the journal.
public enum LineRequest: Hashable, Sendable {
    /// Lets the board in a slot, or the slot's lamp, show itself.
    case blink(slot: String)
    /// A label was scanned; nil = at no slot in particular.
    case label(slot: String?, text: String)
    /// Somebody calls for help.
    case call(unit: String?, slot: String?)
    /// A label is printed again.
    case reprint(unit: String, reason: String)
    case holdUnit(deviceName: String, reason: String)
    case confirmFirstArticle(order: String)
    /// Names the cause of a repeated failure and lets the order go on.
    case nameCause(order: String, reason: String)
}
