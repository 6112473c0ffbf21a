public import Foundation

/// A shift as it was worked: begun by the calendar or a leader, ended by the calendar, a card or a command.
public struct Shift: Hashable, Sendable {
    /// What ended it.
    public enum End: String, Sendable, CaseIterable { case calendar, card, command }

    /// As it was planned when it began; its end is where a leader has moved it to.
    public var plan: ShiftPlan
    public let began: Date
    /// Number of its `shift.began` record.
    public let beganSequence: Int64
    /// nil while it is open.
    public var ended: Date?
    /// Number of its `shift.ended` record, at which its report is cut.
    public var endedSequence: Int64?
    public var end: End?
    /// What the next shift should know.
    public var note: String?

    public init(
        plan: ShiftPlan, began: Date, beganSequence: Int64, ended: Date? = nil, endedSequence: Int64? = nil,
        end: End? = nil, note: String? = nil
    ) {
        (self.plan, self.began, self.beganSequence) = (plan, began, beganSequence)
        (self.ended, self.endedSequence, self.end, self.note) = (ended, endedSequence, end, note)
    }

    /// `YYYY-MM-DD/name`.
    public var id: String { plan.id }
    public var isOpen: Bool { ended == nil }

    /// As the API and `--json` print it.
    public var json: JSONValue {
        [
            "shift": .string(id), "date": .string(plan.date), "name": .string(plan.name),
            "planned_from": .string(Self.text(plan.from)), "planned_until": .string(Self.text(plan.until)),
            "zone": .string(plan.zone), "breaks": Self.json(plan.breaks),
            "plan_per_hour": .init(plan.planPerHour), "people": .array(plan.people.map(JSONValue.string)),
            "began": .string(Self.text(began)), "began_seq": .int(beganSequence),
            "ended": .init(ended.map(Self.text)), "ended_seq": .init(endedSequence), "end": .init(end?.rawValue),
            "note": .init(note),
        ]
    }

    /// UTC to the second, as records of shifts name instants.
    public static func text(_ instant: Date) -> String { instant.formatted(.iso8601) }

    /// Breaks as the record of a shift's beginning names them.
    public static func json(_ breaks: [ShiftPlan.Break]) -> JSONValue {
        .array(breaks.map { ["from": .string(text($0.from)), "until": .string(text($0.until))] })
    }
}
