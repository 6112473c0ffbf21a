/// What an order asks of the people on the line, and when its work stops by itself.
public struct OrderRules: Hashable, Sendable {
    /// The board's label is scanned while the board lies in its slot, and must say what was read from the board.
    public var labelScan: Bool
    /// After each opening one slot works alone until one of its boards has passed with a real activation and a leader has
    /// confirmed it (首件).
    public var firstArticle: Bool
    /// Three units in a row, or two slots within two minutes, that fail with one code hold the order.
    public var stopsOnRepetition: Bool

    public init(labelScan: Bool = false, firstArticle: Bool = false, stopsOnRepetition: Bool = false) {
        (self.labelScan, self.firstArticle, self.stopsOnRepetition) = (labelScan, firstArticle, stopsOnRepetition)
    }

    /// As journal and control socket keep them.
    public var json: JSONValue {
        [
            "label_scan": .bool(labelScan), "first_article": .bool(firstArticle),
            "stop_on_repetition": .bool(stopsOnRepetition),
        ]
    }

    /// Rules that are not named do not hold.
    public init(json: JSONValue) {
        self.init(
            labelScan: json["label_scan"].bool ?? false, firstArticle: json["first_article"].bool ?? false,
            stopsOnRepetition: json["stop_on_repetition"].bool ?? false)
    }
}

/// How far an order's first article is.
public enum FirstArticle: String, Hashable, Sendable, CaseIterable {
    /// The order does not ask for one.
    case off
    /// One slot works alone until one of its boards has passed.
    case wanted
    /// A board has passed and a leader has to look at it.
    case passed
    /// A leader has confirmed it: every slot works.
    case confirmed
}
