import Provisioning

/// A shift as its report names it; times in milliseconds since 1970.
public struct ReportShift: Hashable, Sendable {
    /// `YYYY-MM-DD/name`.
    public let id: String
    /// The production date, and the shift's name.
    public let date, name: String
    public let plannedFrom, plannedUntil: Int64
    public let began: Int64
    /// nil = it is open.
    public let ended: Int64?
    /// The record that ended it.
    public let endedSequence: Int64?
    /// IANA name of its time zone.
    public let zone: String
    public let breaks: [Break]
    /// Good units planned for each hour; nil = no plan.
    public let planPerHour: Int?
    public let people: [String]
    /// What it left to the next one.
    public let note: String?
    /// `calendar`, `card` or `command`.
    public let endedBy: String?

    public struct Break: Hashable, Sendable {
        public let from, until: Int64

        public init(from: Int64, until: Int64) { (self.from, self.until) = (from, until) }
    }

    public init(
        id: String, date: String, name: String, plannedFrom: Int64, plannedUntil: Int64, began: Int64,
        ended: Int64? = nil, endedSequence: Int64? = nil, zone: String, breaks: [Break] = [], planPerHour: Int? = nil,
        people: [String] = [], note: String? = nil, endedBy: String? = nil
    ) {
        (self.id, self.date, self.name) = (id, date, name)
        (self.plannedFrom, self.plannedUntil, self.began) = (plannedFrom, plannedUntil, began)
        (self.ended, self.endedSequence, self.zone, self.breaks) = (ended, endedSequence, zone, breaks)
        (self.planPerHour, self.people, self.note, self.endedBy) = (planPerHour, people, note, endedBy)
    }

    /// What its figures are computed by.
    /// - Parameters:
    ///   - cut: the last record that counts.
    ///   - now: when that was written; the hours of an open shift go until then.
    func span(cut: Int64, now: Int64) -> FigureScope.ShiftSpan {
        FigureScope.ShiftSpan(
            id: id, cut: cut, began: began, until: min(ended ?? now, plannedUntil), planPerHour: planPerHour)
    }

    var json: JSONValue {
        [
            "shift": .string(id), "date": .string(date), "name": .string(name),
            "planned_from": .string(UTCTime.seconds(plannedFrom / 1000)),
            "planned_until": .string(UTCTime.seconds(plannedUntil / 1000)), "began": .string(UTCTime.text(began)),
            "ended": .init(ended.map(UTCTime.text)), "zone": .string(zone),
            "breaks": .array(
                breaks.map {
                    [
                        "from": .string(UTCTime.seconds($0.from / 1000)),
                        "until": .string(UTCTime.seconds($0.until / 1000)),
                    ]
                }),
            "plan_per_hour": .init(planPerHour), "people": .array(people.map(JSONValue.string)),
            "note": .init(note), "reason": .init(endedBy),
        ]
    }
}
