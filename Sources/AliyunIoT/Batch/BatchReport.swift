/// What came of every name of a batch: one row for each line asked for, in that order.
public struct BatchReport: Sendable, Equatable {
    public enum Outcome: Sendable, Equatable {
        /// The batch has created it.
        case created(iotID: String)
        /// Its form, or the cloud, refuses it; in the cloud's words, empty if it gave none. A name that exists already is
        /// told so by many instances.
        case invalid(reason: String)
        /// It occurs more than once in the list (also in other case), or the cloud counts it as repeated.
        case repeated
        /// Neither created nor refused: the cloud does not account for it.
        case missing
    }

    public struct Row: Sendable, Equatable {
        public let name: String
        public let outcome: Outcome

        public init(name: String, outcome: Outcome) {
            self.name = name
            self.outcome = outcome
        }
    }

    public let productKey: String
    /// Nil if no name was good enough to be sent.
    public let applyID: Int64?
    public let rows: [Row]
    /// Devices the cloud counts to the batch although nobody asked for them.
    public let strangers: [String]

    public init(productKey: String, applyID: Int64?, rows: [Row], strangers: [String] = []) {
        self.productKey = productKey
        self.applyID = applyID
        self.rows = rows
        self.strangers = strangers
    }

    public var createdCount: Int { rows.count { if case .created = $0.outcome { true } else { false } } }
    public var missing: [String] { rows.filter { $0.outcome == .missing }.map(\.name) }

    /// Whether every line was created, and nothing else.
    public var isComplete: Bool { createdCount == rows.count && strangers.isEmpty }
}
