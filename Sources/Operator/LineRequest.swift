/// What the page asks of the line besides the commands that change the journal.
public enum LineRequest: Hashable, Sendable {
    /// Somebody calls for help.
    case call(unit: String?, slot: String?)
    /// A label is printed again.
    case reprint(unit: String, reason: String)
}
