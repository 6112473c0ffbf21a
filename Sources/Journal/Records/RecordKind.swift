/// What a record says; its text names it under `kind`.
public enum RecordKind: String, Sendable, CaseIterable {
    case stationStarted = "station.started"
    case stationStopped = "station.stopped"
    case stationConfigured = "station.configured"
    case stationMarked = "station.marked"
    case stationMoved = "station.moved"
    case stationCopied = "station.copied"
    case copyTagged = "copy.tagged"
    case releaseAdded = "release.added"
    case orderCreated = "order.created"
    case orderChanged = "order.changed"
    case orderAmended = "order.amended"
    case firstArticle = "first-article"
    case shiftBegan = "shift.began"
    case shiftChanged = "shift.changed"
    case shiftNoted = "shift.noted"
    case shiftEnded = "shift.ended"
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
    case unitHeld = "unit.held"
    case clientIDKept = "client-id.kept"
    case sampleFailed = "sample.failed"
    case workflowBegun = "workflow.begun"
    case workflowConcluded = "workflow.concluded"
    case batchListed = "batch.listed"
    case batchSaved = "batch.saved"
    case batchConcluded = "batch.concluded"
    case baselineImported = "baseline.imported"
    case leakAlarmed = "leak.alarmed"
    case leakCleared = "leak.cleared"
    case mesAnswered = "mes.answered"
    case labelSent = "label.sent"
    case labelConfirmed = "label.confirmed"
    case labelHeld = "label.held"
    case personChanged = "person.changed"
    case personSignedIn = "person.signed-in"
    case personSignedOff = "person.signed-off"
    case reconcileConcluded = "reconcile.concluded"
    case nameDropped = "name.dropped"
    case batchArchived = "batch.archived"
    case backupWritten = "backup.written"
    case backupRestored = "backup.restored"
    case journalBehind = "journal.behind"
    case restoreSettled = "restore.settled"
    case runsArchived = "runs.archived"
}

/// An outside effect that is never begun without its intent on disk.
public enum Effect: String, Sendable, CaseIterable {
    /// RegisterDevice; key: ProductKey and DeviceName.
    case register
    /// Erase and write of the board's flash; key: release digest.
    case flash
    /// Power-on into the firmware, which registers and connects by itself where it has a network; key: DeviceName.
    case boot
    /// ResetThing; key: IotId.
    case reset
    /// Dynamic registration for a board without a network, which may make its last credential void; key: DeviceName.
    case issue
    /// The credential sent to the board's console; key: DeviceName.
    case handOver = "hand-over"
    /// The connection made for a board without a network, which activates it; key: DeviceName.
    case connect
    /// TransformClientId; key: the ClientID that is kept.
    case keepClientID = "keep-client-id"
    /// DeleteClientIds; key: IotId.
    case clearClientIDs = "clear-client-ids"
    /// DeleteDevice; key: IotId.
    case delete
    /// DisableThing; key: IotId.
    case disable
    /// EnableThing; key: IotId.
    case enable
}
