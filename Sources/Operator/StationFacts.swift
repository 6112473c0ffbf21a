public import Provisioning

/// What the page is told of the station once.
public struct StationFacts: Sendable {
    public let id: String
    public let version: String
    /// The slots in the order in which they are shown, 1 to 32, each with its board profile.
    public let slots: [(name: String, profile: String)]
    /// `zh` or `en`.
    let language: String
    /// The shifts that are worked here; nil = none are kept.
    let calendar: ShiftCalendar?

    public init(
        id: String, version: String, slots: [(name: String, profile: String)],
        language: OperatorConfiguration.Language, calendar: ShiftCalendar? = nil
    ) {
        (self.id, self.version, self.slots, self.language) = (id, version, slots, language.rawValue)
        self.calendar = calendar
    }
}
