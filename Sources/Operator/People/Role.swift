/// What a person is on the line. Operator, leader and engineer are a ladder; the owner stands beside it: sees everything,
/// sets quotas and signs as the second person, and runs no boards.
public enum Role: String, Sendable, CaseIterable {
    case `operator`, leader, engineer, owner
}
