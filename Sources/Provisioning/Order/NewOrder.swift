/// An order that is to be made: its terms, and the identities of its list where it has one.
public struct NewOrder: Hashable, Sendable {
    public var terms: WorkOrder.Terms
    /// What the order takes; nil = its terms say so by another rule.
    public var listed: [Identity]?

    public init(terms: WorkOrder.Terms, listed: [Identity]? = nil) { (self.terms, self.listed) = (terms, listed) }

    /// The list in its stored form: each identity once, sorted by bytes.
    public var list: [String]? {
        listed.map { Set($0.map(\.value)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
    }
}

/// Why an order cannot be made, by the field that is wrong.
public struct OrderProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field as CSV columns and JSON members name it; nil = the order as a whole.
    public let field: String?
    /// What was received and what was expected, in Chinese.
    public let zh: String
    /// The same in English.
    public let en: String

    public init(_ field: String?, zh: String, en: String) { (self.field, self.zh, self.en) = (field, zh, en) }

    public var description: String { field.map { "\($0): \(en)" } ?? en }
}
