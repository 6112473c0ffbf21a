import Foundation
import Provisioning
import Testing

@Suite("Which shift an instant belongs to")
struct ShiftCalendarTests {
    private static func time(_ text: String) throws -> TimeOfDay { try #require(TimeOfDay(text)) }

    private static func pattern(
        _ name: String, _ start: String, _ end: String, days: Set<Weekday> = Set(Weekday.allCases),
        breaks: [String] = []
    ) throws -> ShiftPattern {
        ShiftPattern(
            name: name, start: try time(start), end: try time(end), days: days,
            breaks: try breaks.map { try #require(ShiftPattern.Break($0)) }, planPerHour: 120)
    }

    private static func calendar(_ zone: String, _ patterns: [ShiftPattern]) throws -> ShiftCalendar {
        ShiftCalendar(zone: try #require(TimeZone(identifier: zone)), patterns: patterns)
    }

    private static func instant(_ text: String) throws -> Date { try Date.ISO8601FormatStyle().parse(text) }

    @Test(
        "two shifts around the clock: the night's production date is the day on which it began",
        arguments: [
            // 08:00 in Shanghai is 00:00 UTC.
            ("2026-11-26T00:00:00Z", "2026-11-26/day"), ("2026-11-26T11:59:59Z", "2026-11-26/day"),
            ("2026-11-26T12:00:00Z", "2026-11-26/night"), ("2026-11-26T15:59:59Z", "2026-11-26/night"),
            // Midnight in Shanghai.
            ("2026-11-26T16:00:00Z", "2026-11-26/night"), ("2026-11-26T23:59:59Z", "2026-11-26/night"),
            ("2026-11-27T00:00:00Z", "2026-11-27/day"),
            // The year's end, the leap day.
            ("2026-12-31T17:00:00Z", "2026-12-31/night"), ("2028-02-29T13:00:00Z", "2028-02-29/night"),
        ])
    func aroundTheClock(instant: String, id: String) throws {
        let calendar = try Self.calendar(
            "Asia/Shanghai", [Self.pattern("day", "08:00", "20:00"), Self.pattern("night", "20:00", "08:00")])
        #expect(calendar.shift(at: try Self.instant(instant))?.id == id)
    }

    @Test(
        "between shifts there is none; the next one is told, over days without work too",
        arguments: [
            // Friday 2026-11-27, the shift 22:00 to 06:00 in Berlin, UTC+1, from Monday to Friday.
            ("2026-11-27T20:59:59Z", nil, "2026-11-27/night"),
            ("2026-11-27T21:00:00Z", "2026-11-27/night", "2026-11-30/night"),
            ("2026-11-28T04:59:59Z", "2026-11-27/night", "2026-11-30/night"),
            ("2026-11-28T05:00:00Z", nil, "2026-11-30/night"), ("2026-11-29T22:00:00Z", nil, "2026-11-30/night"),
        ] as [(String, String?, String)])
    func between(instant: String, now: String?, next: String) throws {
        let calendar = try Self.calendar(
            "Europe/Berlin",
            [Self.pattern("night", "22:00", "06:00", days: [.mon, .tue, .wed, .thu, .fri])])
        #expect(calendar.shift(at: try Self.instant(instant))?.id == now)
        #expect(calendar.next(after: try Self.instant(instant))?.id == next)
    }

    @Test(
        "a night over a change of the clock is an hour shorter or longer; a time that the clock leaves out is passed over",
        arguments: [
            // Berlin: forward on 2026-03-29 at 02:00, back on 2026-10-25 at 03:00.
            ("2026-03-28", "22:00", "06:00", 7.0), ("2026-10-24", "22:00", "06:00", 9.0),
            ("2026-03-27", "22:00", "06:00", 8.0),
            // 02:30 is left out: 03:30 instead, 01:30 UTC.
            ("2026-03-29", "02:30", "10:00", 6.5),
            // 02:30 comes twice: the first one counts.
            ("2026-10-25", "02:30", "10:00", 8.5),
        ])
    func clockChanges(date: String, start: String, end: String, hours: Double) throws {
        let calendar = try Self.calendar("Europe/Berlin", [Self.pattern("s", start, end)])
        let noonBefore = try Self.instant(date + "T00:00:00Z") - 12 * 3600
        let plan = try #require(calendar.next(after: noonBefore + (start == "22:00" ? 86_400 : 0)))
        #expect(plan.date == date)
        #expect(plan.until.timeIntervalSince(plan.from) == hours * 3600)
    }

    @Test("every instant of three years lies in exactly the shift whose span it is in, changes of the clock included")
    func noGaps() throws {
        let calendar = try Self.calendar(
            "Europe/Berlin",
            [
                Self.pattern("early", "06:00", "14:00"), Self.pattern("late", "14:00", "22:00"),
                Self.pattern("night", "22:00", "06:00"),
            ])
        var instant = try Self.instant("2026-01-01T05:00:00Z")
        let end = instant + 3 * 365 * 86_400
        var seen: Set<String> = []
        while instant < end {
            let shift = try #require(calendar.shift(at: instant))
            #expect(shift.from == instant)
            #expect(seen.insert(shift.id).inserted)
            #expect(calendar.next(after: instant)?.from == shift.until)
            instant = shift.until
        }
        #expect(seen.count == 3 * 365 * 3)
    }

    @Test("breaks are instants within the shift, after midnight too")
    func breaks() throws {
        let calendar = try Self.calendar(
            "Asia/Shanghai", [Self.pattern("night", "20:00", "08:00", breaks: ["23:30-00:15", "04:00-04:20"])])
        let plan = try #require(calendar.shift(at: try Self.instant("2026-11-26T13:00:00Z")))
        #expect(plan.breaks.map { Shift.text($0.from) } == ["2026-11-26T15:30:00Z", "2026-11-26T20:00:00Z"])
        #expect(plan.breaks.map { Shift.text($0.until) } == ["2026-11-26T16:15:00Z", "2026-11-26T20:20:00Z"])
    }

    @Test(
        "a break belongs to a shift only where it lies within",
        arguments: [
            ("08:00", "20:00", "12:00-13:00", 240), ("08:00", "20:00", "19:30-20:30", nil),
            ("08:00", "20:00", "07:00-09:00", nil), ("20:00", "08:00", "07:30-08:00", 690),
            ("20:00", "08:00", "12:00-12:30", nil),
        ] as [(String, String, String, Int?)])
    func breakOffset(start: String, end: String, pause: String, offset: Int?) throws {
        let pattern = try Self.pattern("s", start, end)
        #expect(pattern.offset(of: try #require(ShiftPattern.Break(pause))) == offset)
    }

    @Test(
        "shifts that overlap at any time of the week are told apart from those that only meet",
        arguments: [
            ("08:00", "20:00", "20:00", "08:00", false), ("08:00", "20:00", "19:59", "08:00", true),
            ("08:00", "20:00", "20:00", "08:01", true), ("00:00", "00:00", "12:00", "13:00", true),
        ])
    func overlaps(start: String, end: String, otherStart: String, otherEnd: String, overlaps: Bool) throws {
        let (one, other) = (try Self.pattern("a", start, end), try Self.pattern("b", otherStart, otherEnd))
        #expect(one.overlaps(other) == overlaps)
        #expect(other.overlaps(one) == overlaps)
    }

    @Test("Sunday's night overlaps Monday's morning, and not Tuesday's")
    func overTheWeeksEnd() throws {
        let night = try Self.pattern("night", "22:00", "06:00", days: [.sun])
        #expect(night.overlaps(try Self.pattern("morning", "05:00", "09:00", days: [.mon])))
        #expect(!night.overlaps(try Self.pattern("morning", "05:00", "09:00", days: [.tue])))
    }

    @Test(
        "a time of the day is HH:MM and nothing else", arguments: ["24:00", "8:00", "08:60", "", "08:00:00", "0８:00"])
    func times(text: String) { #expect(TimeOfDay(text) == nil) }
}
