/// How much an order bears before a person decides.
public struct OrderLimits: Hashable, Sendable {
    /// How often a unit may run, and how often one step may fail.
    public static let attempts = 1...20
    /// Units that may wait for their activation at once.
    public static let debtUnits = 1...1_000_000
    /// Minutes that a unit may wait for its activation: up to 60 days.
    public static let debtMinutes = 1...86_400

    /// Runs of one unit before it is on hold; nil = the station's own limit.
    public var runs: Int?
    /// Runs of one unit that may fail in a step before it is on hold; a step that is not named has no limit of its own.
    public var steps: [Step: Int]
    /// Units waiting for their activation at which no new board starts; nil = as many as come.
    public var offlineUnits: Int?
    /// Minutes that the longest waiting of them may have waited; nil = as long as it takes.
    public var offlineMinutes: Int?

    public init(
        runs: Int? = nil, steps: [Step: Int] = [:], offlineUnits: Int? = nil, offlineMinutes: Int? = nil
    ) {
        (self.runs, self.steps) = (runs, steps)
        (self.offlineUnits, self.offlineMinutes) = (offlineUnits, offlineMinutes)
    }

    /// Whether so much debt holds the order.
    /// - Parameter waited: minutes that the longest waiting unit has waited; nil where none waits.
    public func isExceeded(units: Int, waited: Int?) -> Bool {
        if let offlineUnits, units >= offlineUnits { return true }
        if let offlineMinutes, let waited, waited >= offlineMinutes { return true }
        return false
    }

    /// As journal and API keep it.
    public var json: JSONValue {
        [
            "runs": .init(runs),
            "steps": .object(
                Dictionary(uniqueKeysWithValues: steps.map { ($0.key.rawValue, .init($0.value as Int?)) })),
            "offline_units": .init(offlineUnits), "offline_minutes": .init(offlineMinutes),
        ]
    }

    /// Limits that are not named do not hold.
    public init(json: JSONValue) {
        let steps = (json["steps"].object ?? [:]).compactMap { name, limit -> (Step, Int)? in
            guard let step = Step(rawValue: name), let limit = limit.int else { return nil }
            return (step, Int(limit))
        }
        self.init(
            runs: json["runs"].int.map(Int.init), steps: Dictionary(steps) { first, _ in first },
            offlineUnits: json["offline_units"].int.map(Int.init),
            offlineMinutes: json["offline_minutes"].int.map(Int.init))
    }
}

extension FailureCode {
    /// The step that a code's family belongs to; nil for the station's own.
    public var step: Step? {
        switch text.prefix(2) {
        case "ID": .identify
        case "CL": .claim
        case "RG": .register
        case "FL": .flash
        case "VF": .verify
        case "BT": .boot
        case "AC": .activate
        default: nil
        }
    }
}
