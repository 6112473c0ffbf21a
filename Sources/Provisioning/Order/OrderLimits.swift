/// How much an order bears before a person decides.
public struct OrderLimits: Hashable, Sendable {
    /// How often a unit may run.
    public static let runsRange = 1...20
    /// How often it may be tried again after a step has failed.
    public static let stepRetriesRange = 0...20
    /// Units that may wait for their activation at once.
    public static let offlineBoardsRange = 1...1_000_000
    /// Minutes that a unit may wait for its activation: up to 60 days.
    public static let offlineMinutesRange = 1...86_400

    /// Runs of one unit before it is on hold; nil = the station's own limit.
    public var runs: Int?
    /// Runs of one unit after one that failed in a step, each step counted by itself, before it is on hold; nil = steps are
    /// not counted.
    public var stepRetries: Int?
    /// Units waiting for their activation at which no new board starts; nil = as many as come.
    public var offlineBoards: Int?
    /// Minutes that the longest waiting of them may have waited; nil = as long as it takes.
    public var offlineMinutes: Int?

    public init(
        runs: Int? = nil, stepRetries: Int? = nil, offlineBoards: Int? = nil, offlineMinutes: Int? = nil
    ) {
        (self.runs, self.stepRetries) = (runs, stepRetries)
        (self.offlineBoards, self.offlineMinutes) = (offlineBoards, offlineMinutes)
    }

    /// Whether so much debt holds the order.
    /// - Parameter waited: minutes that the longest waiting unit has waited; nil where none waits.
    public func isExceeded(units: Int, waited: Int?) -> Bool {
        if let offlineBoards, units >= offlineBoards { return true }
        if let offlineMinutes, let waited, waited >= offlineMinutes { return true }
        return false
    }

    /// Whether they say anything of offline debt.
    public var limitsDebt: Bool { offlineBoards != nil || offlineMinutes != nil }

    /// As journal and API keep it.
    public var json: JSONValue {
        [
            "run_limit": .init(runs), "step_retries": .init(stepRetries), "offline_boards": .init(offlineBoards),
            "offline_minutes": .init(offlineMinutes),
        ]
    }

    /// Limits that are not named do not hold.
    public init(json: JSONValue) {
        self.init(
            runs: json["run_limit"].int.map(Int.init), stepRetries: json["step_retries"].int.map(Int.init),
            offlineBoards: json["offline_boards"].int.map(Int.init),
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
