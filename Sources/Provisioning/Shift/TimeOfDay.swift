/// A time on the wall's clock, to the minute.
public struct TimeOfDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Minutes since midnight, 0 to 1439.
    public let minutes: Int

    public init(minutes: Int) { self.minutes = minutes }

    /// Reads `HH:MM`, 00:00 to 23:59; nil for anything else.
    public init?(_ text: String) {
        guard text.wholeMatch(of: /([01]\d|2[0-3]):[0-5]\d/) != nil, let hour = Int(text.prefix(2)),
            let minute = Int(text.suffix(2))
        else { return nil }
        minutes = hour * 60 + minute
    }

    public var hour: Int { minutes / 60 }
    public var minute: Int { minutes % 60 }

    public var description: String {
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        return two(hour) + ":" + two(minute)
    }

    public static func < (one: TimeOfDay, other: TimeOfDay) -> Bool { one.minutes < other.minutes }

    /// Minutes from this time to the next time that the clock shows `other`: 1 to 1440.
    func minutes(until other: TimeOfDay) -> Int {
        let span = other.minutes - minutes
        return span > 0 ? span : span + 24 * 60
    }
}

/// A day of the week, as configuration names it.
public enum Weekday: String, Sendable, CaseIterable {
    case mon, tue, wed, thu, fri, sat, sun

    /// From 0 for Monday.
    var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
