import Foundation
import Journal
import Provisioning
import Testing

@Suite("Shifts in the journal")
struct ShiftTests {
    private func plan(_ date: String = "2026-11-26", _ name: String = "day") throws -> ShiftPlan {
        let from = try Date.ISO8601FormatStyle().parse(date + "T00:00:00Z")
        return ShiftPlan(
            date: date, name: name, from: from, until: from + 12 * 3600, zone: "Asia/Shanghai",
            breaks: [.init(from: from + 4 * 3600, until: from + 5 * 3600)], planPerHour: 120, people: ["Li Wei"])
    }

    @Test("a shift is begun, moved, noted and ended, and read back as it was")
    func life() async throws {
        let bed = try await Bed()
        #expect(try await bed.journal.openShift() == nil)
        let begun = try await bed.journal.beginShift(try plan(), actor: "test")
        #expect(try await bed.journal.openShift()?.plan == begun.plan)
        let until = begun.plan.until + 1800
        #expect(try await bed.journal.moveShift(until: until, reason: "late boards", actor: "test").plan.until == until)
        try await bed.journal.noteShift("slot 3 is loose", actor: "test")
        let ended = try #require(try await bed.journal.endShift(by: .card, actor: "test"))
        #expect(ended.note == "slot 3 is loose")
        #expect(ended.end == .card)
        #expect(ended.endedSequence == (try await bed.journal.lastSequence()))
        #expect(try await bed.journal.shift("2026-11-26/day") == ended)
        #expect(try await bed.journal.openShift() == nil)
    }

    @Test("one shift is open at a time, and none is worked twice")
    func once() async throws {
        let bed = try await Bed()
        try await bed.journal.beginShift(try plan(), actor: "test")
        await #expect(throws: JournalError.self) {
            try await bed.journal.beginShift(try plan("2026-11-27"), actor: "test")
        }
        try await bed.journal.endShift(by: .calendar, actor: "test")
        await #expect(throws: JournalError.self) { try await bed.journal.beginShift(try plan(), actor: "test") }
        await #expect(throws: JournalError.self) { try await bed.journal.endShift(by: .card, actor: "test") }
        try await bed.journal.beginShift(try plan("2026-11-27"), actor: "test")
        #expect(try await bed.journal.shifts(limit: 5).map(\.id) == ["2026-11-27/day", "2026-11-26/day"])
    }

    @Test("an end that means another shift than the open one changes nothing")
    func anotherShift() async throws {
        let bed = try await Bed()
        try await bed.journal.beginShift(try plan(), actor: "test")
        #expect(try await bed.journal.endShift("2026-11-25/day", by: .calendar, actor: "test") == nil)
        #expect(try await bed.journal.openShift()?.id == "2026-11-26/day")
    }

    @Test("an order is terminated by two people")
    func termination() async throws {
        let bed = try await Bed()
        for second in [nil, "leader"] {
            await #expect(throws: JournalError.self) {
                try await bed.journal.changeOrder(
                    bed.order.id, to: .terminated, second: second, reason: "product withdrawn", actor: "leader")
            }
        }
        let over = try await bed.journal.changeOrder(
            bed.order.id, to: .terminated, second: "owner", reason: "product withdrawn", actor: "leader")
        #expect(over.state.isOver)
        await #expect(throws: JournalError.self) {
            try await bed.journal.changeOrder(bed.order.id, to: .open, reason: "again", actor: "leader")
        }
    }
}
