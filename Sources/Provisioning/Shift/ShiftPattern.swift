/// One shift as the calendar repeats it: a name, a time of the day, breaks, people.
public struct ShiftPattern: Hashable, Sendable {
    /// A pause on the wall's clock.
    public struct Break: Hashable, Sendable, CustomStringConvertible {
        public let from: TimeOfDay
        public let until: TimeOfDay

        public init(from: TimeOfDay, until: TimeOfDay) { (self.from, self.until) = (from, until) }

        /// Reads `HH:MM-HH:MM`; nil for anything else.
        public init?(_ text: String) {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { TimeOfDay(String($0)) }
            guard parts.count == 2, let from = parts[0], let until = parts[1], from != until else { return nil }
            (self.from, self.until) = (from, until)
        }

        public var description: String { "\(from)-\(until)" }
    }

    /// 1 to 16 letters, digits, dashes and underscores, unique in the calendar.
    public let name: String
    public let start: TimeOfDay
    /// At or before the start, it lies on the next day.
    public let end: TimeOfDay
    /// The days on which it starts; every day by default.
    public let days: Set<Weekday>
    /// Within the shift, in order, apart from each other.
    public let breaks: [Break]
    /// Good units that are planned for an hour of work; nil = none are.
    public let planPerHour: Int?
    /// Who works in it, as people are called.
    public let people: [String]

    public init(
        name: String, start: TimeOfDay, end: TimeOfDay, days: Set<Weekday> = Set(Weekday.allCases),
        breaks: [Break] = [], planPerHour: Int? = nil, people: [String] = []
    ) {
        (self.name, self.start, self.end, self.days) = (name, start, end, days)
        (self.breaks, self.planPerHour, self.people) = (breaks, planPerHour, people)
    }

    /// How long it is on the clock, in minutes: 1 to 1440.
    public var minutes: Int { start.minutes(until: end) }

    /// Minutes from the shift's start to a break's; nil where the break does not lie within the shift.
    public func offset(of pause: Break) -> Int? {
        let from = (pause.from.minutes - start.minutes + 24 * 60) % (24 * 60)
        return from + pause.from.minutes(until: pause.until) <= minutes ? from : nil
    }

    /// Whether two shifts of one calendar overlap at any time of the week.
    public func overlaps(_ other: ShiftPattern) -> Bool {
        let week = 7 * 24 * 60
        return days.contains { day in
            other.days.contains { otherDay in
                let from = day.index * 24 * 60 + start.minutes
                let otherFrom = otherDay.index * 24 * 60 + other.start.minutes
                let apart = (otherFrom - from + week) % week
                return apart < minutes || (week - apart) % week < other.minutes
            }
        }
    }
}
