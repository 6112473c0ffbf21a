public import Foundation

/// One shift of one day as the calendar plans it.
public struct ShiftPlan: Hashable, Sendable {
    /// A pause, as instants.
    public struct Break: Hashable, Sendable {
        public let from: Date
        public let until: Date

        public init(from: Date, until: Date) { (self.from, self.until) = (from, until) }
    }

    /// The production date: the local date of its start, `YYYY-MM-DD`.
    public let date: String
    public let name: String
    public let from: Date
    public let until: Date
    /// The calendar's time zone, such as `Asia/Shanghai`.
    public let zone: String
    public let breaks: [Break]
    public let planPerHour: Int?
    public let people: [String]

    public init(
        date: String, name: String, from: Date, until: Date, zone: String, breaks: [Break] = [],
        planPerHour: Int? = nil, people: [String] = []
    ) {
        (self.date, self.name, self.from, self.until, self.zone) = (date, name, from, until, zone)
        (self.breaks, self.planPerHour, self.people) = (breaks, planPerHour, people)
    }

    /// `YYYY-MM-DD/name`.
    public var id: String { date + "/" + name }

    /// Whether an instant lies within, its end left out.
    public func contains(_ instant: Date) -> Bool { from <= instant && instant < until }
}
