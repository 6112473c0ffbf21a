public import Provisioning

/// One step of a run as it was measured.
public struct StepRecord: Hashable, Sendable {
    public let step: Step
    /// Milliseconds from the run's start.
    public let startMilliseconds: Int
    public let durationMilliseconds: Int
    /// `ok`, or the failure code it ended with.
    public let result: String

    public init(step: Step, startMilliseconds: Int, durationMilliseconds: Int, result: String) {
        (self.step, self.startMilliseconds) = (step, startMilliseconds)
        (self.durationMilliseconds, self.result) = (durationMilliseconds, result)
    }

    /// As journals and `--json` print it.
    public var json: JSONValue {
        [
            "name": .string(step.rawValue), "start_ms": .init(startMilliseconds),
            "duration_ms": .init(durationMilliseconds), "result": .string(result),
        ]
    }
}

/// A run as the journal holds it.
public struct RunRecord: Sendable {
    public let id: Int64
    public let slot: String
    public let order: String?
    public let unit: Int64?
    public let identity: String?
    public let deviceName: String?
    /// nil while the run is open.
    public let outcome: Outcome?
    public let failureCode: String?
    /// The body of the `run.concluded` record; null while the run is open.
    public let conclusion: JSONValue
}
