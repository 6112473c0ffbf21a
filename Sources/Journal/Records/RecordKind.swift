/// What a record says; its text names it under `kind`.
public enum RecordKind: String, Sendable, CaseIterable {
    case stationStarted = "station.started"
    case stationStopped = "station.stopped"
    case releaseAdded = "release.added"
    case orderCreated = "order.created"
    case orderChanged = "order.changed"
    case probeAnswered = "probe.answered"
    case runStarted = "run.started"
    case identityRead = "identity.read"
    case claimBound = "claim.bound"
    case claimRefused = "claim.refused"
    case intentBegun = "intent.begun"
    case intentFinished = "intent.finished"
    case cloudRead = "cloud.read"
    case boardNoted = "board.noted"
    case runConcluded = "run.concluded"
    case unitReleased = "unit.released"
}

/// An outside effect that is never begun without its intent on disk.
public enum Effect: String, Sendable, CaseIterable {
    /// RegisterDevice; key: ProductKey and DeviceName.
    case register
    /// Erase and write of the board's flash; key: release digest.
    case flash
    /// Power-on into the firmware, which registers and connects by itself; key: DeviceName.
    case boot
}
