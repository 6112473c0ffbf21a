public import Foundation

/// The working time of a line: which shift an instant belongs to, and which comes next.
///
/// Times are those of the wall's clock in one time zone. Where the clock is put forward over a shift's start or end, that
/// lies as far behind the gap as it would have lain in it; where the clock is put back, the first of the two times counts.
public struct ShiftCalendar: Hashable, Sendable {
    public let zone: TimeZone
    /// At least 1, apart from each other.
    public let patterns: [ShiftPattern]

    public init(zone: TimeZone, patterns: [ShiftPattern]) { (self.zone, self.patterns) = (zone, patterns) }

    /// The shift that an instant lies in; nil between shifts.
    public func shift(at instant: Date) -> ShiftPlan? {
        plans(around: instant, days: -1...0).first { $0.contains(instant) }
    }

    /// The first shift that starts after an instant, within eight days; nil where none does.
    public func next(after instant: Date) -> ShiftPlan? {
        plans(around: instant, days: 0...8).filter { $0.from > instant }.min { $0.from < $1.from }
    }

    /// The production date of an instant: that of its shift, between shifts the local date.
    public func date(of instant: Date) -> String { shift(at: instant)?.date ?? text(instant) }

    private func plans(around instant: Date, days: ClosedRange<Int>) -> [ShiftPlan] {
        let calendar = calendar
        return days.flatMap { offset -> [ShiftPlan] in
            // Noon: a day that is an hour shorter or longer has one all the same.
            guard let noon = calendar.date(bySettingHour: 12, minute: 0, second: 0, of: instant),
                let day = calendar.date(byAdding: .day, value: offset, to: noon)
            else { return [] }
            let weekday = Weekday.allCases[(calendar.component(.weekday, from: day) + 5) % 7]
            return patterns.filter { $0.days.contains(weekday) }.compactMap { plan($0, on: day, calendar) }
        }
    }

    private func plan(_ pattern: ShiftPattern, on day: Date, _ calendar: Calendar) -> ShiftPlan? {
        func instant(_ minutes: Int) -> Date? {
            var parts = calendar.dateComponents([.year, .month, .day], from: day)
            parts.day = (parts.day ?? 1) + minutes / (24 * 60)
            (parts.hour, parts.minute) = (minutes % (24 * 60) / 60, minutes % 60)
            return calendar.date(from: parts)
        }
        let start = pattern.start.minutes
        guard let from = instant(start), let until = instant(start + pattern.minutes) else { return nil }
        let breaks = pattern.breaks.compactMap { pause -> ShiftPlan.Break? in
            guard let offset = pattern.offset(of: pause), let from = instant(start + offset),
                let until = instant(start + offset + pause.from.minutes(until: pause.until))
            else { return nil }
            return ShiftPlan.Break(from: from, until: until)
        }
        return ShiftPlan(
            date: text(day), name: pattern.name, from: from, until: until, zone: zone.identifier, breaks: breaks,
            planPerHour: pattern.planPerHour, people: pattern.people)
    }

    private func text(_ day: Date) -> String {
        let parts = calendar.dateComponents([.year, .month, .day], from: day)
        func padded(_ number: Int?, _ width: Int) -> String {
            let text = String(number ?? 0)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return [padded(parts.year, 4), padded(parts.month, 2), padded(parts.day, 2)].joined(separator: "-")
    }

    private var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar
    }
}
