/// What is counted, by its key in JSON.
public enum Count: String, CaseIterable, Sendable {
    case input
    case unjudged
    case firstPass = "first_pass"
    case afterRetest = "after_retest"
    case passed, done, failed, held, scrapped, replaced
    case offlineDebt = "offline_debt"
    case open
    case reflashed, reset
    case refusedDuplicates = "refused_duplicates"
    case interrupted, aborted
    case relayPasses = "relay_passes"
    case runs
    case quota, claimed
    case quotaReturned = "quota_returned"
    case quotaLeft = "quota_left"

    /// Whether only a batch has it.
    public var isOfQuota: Bool { [.quota, .claimed, .quotaReturned, .quotaLeft].contains(self) }
}

/// What is told in hundredths of a percent, by its key in JSON.
public enum Rate: String, CaseIterable, Sendable {
    case firstPass = "fpy_bp"
    case second = "second_bp"
    case third = "third_bp"
    case last = "last_bp"
    case final = "final_yield_bp"
    case retest = "retest_bp"
}
