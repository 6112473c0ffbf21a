/// One step of a run, in the order of a board's way.
public enum Step: String, Sendable, CaseIterable, Codable {
    case identify, claim, register, flash, verify, boot, activate, conclude
}

/// How a run ended. Written once; a correction is a new record.
public enum Outcome: String, Sendable, CaseIterable, Codable {
    /// The cloud proved the activation.
    case pass
    /// Finished without activation, by plan.
    case done
    /// Failed, with a failure code.
    case fail
    /// Waits until a cause is gone or a person decides.
    case held
    /// Ended by a person or a stop before it could be judged.
    case aborted
    /// Cut off by a crash or power loss, found at restart.
    case interrupted
}
