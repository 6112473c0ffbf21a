import Foundation
import Journal
import Locking
import Provisioning
import Testing

@testable import Execution

@Suite("Shifts are begun and ended by the calendar")
struct ShiftDeskTests {
    /// Two shifts of a day in Shanghai, 08:00–20:00 and 20:00–02:00; 00:00 UTC is 08:00 there.
    private static func calendar() throws -> ShiftCalendar {
        func time(_ text: String) throws -> TimeOfDay { try #require(TimeOfDay(text)) }
        return ShiftCalendar(
            zone: try #require(TimeZone(identifier: "Asia/Shanghai")),
            patterns: [
                ShiftPattern(name: "day", start: try time("08:00"), end: try time("20:00"), planPerHour: 120),
                ShiftPattern(name: "night", start: try time("20:00"), end: try time("02:00")),
            ])
    }

    private func desk(
        _ bed: OrderBed, _ calendar: ShiftCalendar?, onBegin: @escaping @Sendable () async -> Void = {}
    ) -> ShiftDesk {
        ShiftDesk(
            calendar: calendar, journal: bed.journal, events: bed.events, actor: "station", now: bed.now,
            onBegin: onBegin)
    }

    @Test("each begins and ends at its time; between them no board starts, and the next one is told")
    func calendar() async throws {
        let bed = try await OrderBed("2026-11-26T03:00:00Z")
        let begun = Locked(0)
        let desk = desk(bed, try Self.calendar()) { begun.withLock { $0 += 1 } }
        try await desk.look()
        #expect(try await bed.journal.openShift()?.id == "2026-11-26/day")
        #expect(try await desk.wait() == nil)
        try bed.set("2026-11-26T12:00:00Z")
        try await desk.look()
        #expect(try await bed.journal.openShift()?.id == "2026-11-26/night")
        #expect(try await bed.journal.shift("2026-11-26/day")?.end == .calendar)
        try bed.set("2026-11-26T18:00:00Z")
        try await desk.look()
        #expect(try await bed.journal.openShift() == nil)
        let wait = try #require(try await desk.wait())
        #expect(wait.en.contains("day at 08:00") && wait.zh.contains("day 08:00"), "\(wait)")
        #expect(begun.withLock { $0 } == 2)
    }

    @Test("a station that was off over the end of a shift ends it when it starts, and begins the one of now")
    func restart() async throws {
        let bed = try await OrderBed("2026-11-26T03:00:00Z")
        try await desk(bed, try Self.calendar()).look()
        try bed.set("2026-11-28T03:00:00Z")
        try await desk(bed, try Self.calendar()).look()
        #expect(try await bed.journal.shifts(limit: 5).map(\.id) == ["2026-11-28/day", "2026-11-26/day"])
        #expect(try await bed.journal.openShift()?.id == "2026-11-28/day")
    }

    @Test("ended before its time it is not begun again by itself; a leader may begin another to its planned end")
    func endedEarly() async throws {
        let bed = try await OrderBed("2026-11-26T03:00:00Z")
        let desk = desk(bed, try Self.calendar())
        try await desk.look()
        let ended = try await desk.end(note: "slot 3 is loose", by: .card, actor: "person:1")
        #expect(ended.note == "slot 3 is loose")
        try await desk.look()
        #expect(try await desk.wait() != nil)
        let again = try await desk.begin(name: nil, minutes: nil, actor: "person:1")
        #expect(again.id == "2026-11-26/day-2")
        #expect(again.plan.until == (try OrderBed.instant("2026-11-26T12:00:00Z")))
        #expect(again.plan.planPerHour == 120)
        #expect(try await desk.wait() == nil)
    }

    @Test("extended it goes on into the next one's time, which begins when it has ended")
    func extended() async throws {
        let bed = try await OrderBed("2026-11-26T03:00:00Z")
        let desk = desk(bed, try Self.calendar())
        try await desk.look()
        _ = try await desk.extend(minutes: 30, reason: "late boards", actor: "person:1")
        try bed.set("2026-11-26T12:29:59Z")
        try await desk.look()
        #expect(try await bed.journal.openShift()?.id == "2026-11-26/day")
        try bed.set("2026-11-26T12:30:00Z")
        try await desk.look()
        #expect(try await bed.journal.openShift()?.id == "2026-11-26/night")
    }

    @Test("between two shifts a leader begins one that says how long it is")
    func extra() async throws {
        let bed = try await OrderBed("2026-11-26T19:00:00Z")
        let desk = desk(bed, try Self.calendar())
        try await desk.look()
        await #expect(throws: StationCommand.CommandError.self) {
            try await desk.begin(name: nil, minutes: nil, actor: "person:1")
        }
        // 03:00 of the 27th in Shanghai.
        #expect(try await desk.begin(name: "rework", minutes: 60, actor: "person:1").id == "2026-11-27/rework")
        #expect(try await desk.wait() == nil)
        try bed.set("2026-11-26T20:00:00Z")
        try await desk.look()
        #expect(try await desk.wait() != nil)
    }

    @Test("without a calendar nothing stands in a board's way, and a shift that was begun before ends at its time")
    func withoutCalendar() async throws {
        let bed = try await OrderBed("2026-11-26T03:00:00Z")
        try await desk(bed, try Self.calendar()).look()
        let desk = desk(bed, nil)
        try await desk.look()
        #expect(try await desk.wait() == nil)
        try bed.set("2026-11-26T12:00:00Z")
        try await desk.look()
        #expect(try await bed.journal.openShift() == nil)
        #expect(try await desk.wait() == nil)
        await #expect(throws: StationCommand.CommandError.self) {
            try await desk.begin(name: nil, minutes: 60, actor: "person:1")
        }
    }

    @Test("a shift's start asks for a first article of every order that works, and of no other")
    func firstArticle() async throws {
        let bed = try await OrderBed("2026-11-26T03:00:00Z")
        let order = try await bed.order(rules: OrderRules(firstArticle: true))
        for stage in [FirstArticle.passed, .confirmed] {
            try await bed.journal.recordFirstArticle(order.id, stage, details: nil, reason: "test", actor: "test")
        }
        try await desk(bed, try Self.calendar()).look()
        #expect(try await bed.journal.order(order.id)?.firstArticle == .wanted)
    }
}
