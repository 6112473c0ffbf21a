/// One statement of QueryDeviceBySQL: what to show of which devices, in which order, and which part of them.
///
/// Source: "QueryDeviceBySQL" (document 185742). Served: all fields but those of groups, of which the stand-in has none;
/// `=`, `>`, `<` and `LIKE` as documented, and `!=`, which published code uses.
struct DeviceQuery: Sendable {
    /// A column, by its name in a statement.
    enum Field: String, CaseIterable, Sendable {
        case productKey = "product_key"
        case iotID = "iot_id"
        case name
        case nickname
        case status
        case activated = "active_time"
        case created = "gmt_create"
        case modified = "gmt_modified"
        case group = "group.group_id"
        case tagName = "tag.tag_name"
        case tagValue = "tag.tag_value"

        /// Whether it is a time, which alone can be compared by size and sorted by.
        var isTime: Bool { [.activated, .created, .modified].contains(self) }
    }

    enum Comparison: Sendable {
        case equal, notEqual, above, below
        /// `LIKE "text%"`: the text before the per cent sign is a beginning.
        case beginning
    }

    struct Condition: Sendable {
        let field: Field
        let comparison: Comparison
        let text: String

        /// Whether it holds for a field's values: none for one that is not set, several for tags.
        func holds(for values: [String]) -> Bool {
            switch comparison {
            case .equal: values.contains(text)
            case .notEqual: !values.contains(text)
            case .above: values.contains { $0 > text }
            case .below: values.contains { $0 < text }
            case .beginning: values.contains { $0.hasPrefix(text) }
            }
        }
    }

    enum Output: Sendable {
        case all
        case fields([Field])
        /// `count(*)`.
        case count
    }

    struct Order: Sendable {
        let field: Field
        let isDescending: Bool
    }

    var output = Output.all
    /// Conditions joined by AND, and these joined by OR.
    var alternatives: [[Condition]] = []
    var order: Order?
    var offset = 0
    var limit = DeviceQuery.standardLimit

    static let maximumLength = 400
    static let maximumConditions = 5
    static let standardLimit = 20
    static let maximumLimit = 50
    /// Largest sum of offset and limit.
    static let maximumDepth = 10_000
    /// Fewest characters before the per cent sign of a LIKE.
    static let shortestBeginning = 4
}
