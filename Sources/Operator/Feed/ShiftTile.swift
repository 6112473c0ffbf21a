import Foundation
import Journal
import Provisioning

/// The shift as every page shows it: the open one, the calendar's next one, and what the one before left.
struct ShiftTile: Sendable {
    /// nil = none is open.
    let open: Shift?
    let next: ShiftPlan?
    /// The last shift that has ended.
    let last: Shift?
    /// Whether shifts are worked here at all: no board starts between them.
    let isKept: Bool

    /// Reads what the journal knows.
    static func read(_ journal: Journal, _ calendar: ShiftCalendar?, at now: Date) async throws -> ShiftTile {
        let shifts = try await journal.shifts(limit: 2)
        let open = shifts.first(where: \.isOpen)
        return ShiftTile(
            open: open, next: calendar?.next(after: open?.plan.until ?? now), last: shifts.first { !$0.isOpen },
            isKept: calendar != nil || open != nil)
    }

    var json: JSONValue {
        [
            "is_kept": .bool(isKept), "shift": open?.json ?? .null, "next": next.map(Self.json) ?? .null,
            "handover": last.flatMap { last in
                last.note.map { ["shift": .string(last.id), "note": .string($0)] }
            } ?? .null,
        ]
    }

    private static func json(_ plan: ShiftPlan) -> JSONValue {
        [
            "shift": .string(plan.id), "name": .string(plan.name), "planned_from": .string(Shift.text(plan.from)),
            "planned_until": .string(Shift.text(plan.until)), "zone": .string(plan.zone),
        ]
    }
}
