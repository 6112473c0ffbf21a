public import Foundation
public import Journal
import Provisioning

extension Report {
    /// The report of a shift: cut at the record that ended it, or as the journal stands now while it is open.
    /// - Parameters:
    ///   - id: `YYYY-MM-DD/name`; nil = the open shift, or the last one.
    ///   - station: the station's id; nil = as the journal tells it.
    /// - Throws: ``JournalError`` with `notFound` where there is no such shift, or none at all.
    public static func shift(
        _ journal: Journal, id: String? = nil, station: String? = nil, at time: Date = Date()
    ) async throws -> Report {
        let (last, written) = try await head(journal)
        let shift = ReportShift(try await find(journal, id))
        var cut = last
        if let ended = shift.endedSequence, ended < last.seq,
            let row = try await journal.rows(after: ended - 1, limit: 1).first
        {
            cut = Cut(seq: row.seq, hash: row.hash)
        }
        let figures = try await figures(
            journal, .shift(shift.span(cut: cut.seq, now: written)), of: .shift(shift.id), upTo: last.seq)
        var names: [Int64: String] = [:]
        for adjustment in figures.adjustments {
            names[adjustment.unit] = try await journal.unit(adjustment.unit)?.deviceName.text
        }
        return Report(
            kind: .shift, station: try await name(journal, station), cut: cut, madeAt: time, shift: shift,
            figures: figures, names: names, zone: TimeZone(identifier: shift.zone))
    }

    private static func find(_ journal: Journal, _ id: String?) async throws -> Shift {
        if let id {
            if let shift = try await journal.shift(id) { return shift }
            let known = try await journal.shifts(limit: 5).map(\.id)
            throw JournalError(
                .notFound,
                "there is no shift \(id); expected YYYY-MM-DD/name, "
                    + (known.isEmpty ? "and none was worked yet" : "such as \(known.joined(separator: ", "))"))
        }
        guard let last = try await journal.shifts(limit: 1).first else {
            throw JournalError(
                .notFound, "no shift was worked yet; `station report station` reports without shifts")
        }
        return last
    }

    /// The time zone of the station's shifts; nil where there was none.
    public static func timeZone(of journal: Journal) async throws -> TimeZone? {
        try await journal.shifts(limit: 1).first.flatMap { TimeZone(identifier: $0.plan.zone) }
    }
}

extension ReportShift {
    init(_ shift: Shift) {
        func milliseconds(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }
        self.init(
            id: shift.id, date: shift.plan.date, name: shift.plan.name, plannedFrom: milliseconds(shift.plan.from),
            plannedUntil: milliseconds(shift.plan.until), began: milliseconds(shift.began),
            ended: shift.ended.map(milliseconds), endedSequence: shift.endedSequence, zone: shift.plan.zone,
            breaks: shift.plan.breaks.map { Break(from: milliseconds($0.from), until: milliseconds($0.until)) },
            planPerHour: shift.plan.planPerHour, people: shift.plan.people, note: shift.note,
            endedBy: shift.end?.rawValue)
    }
}
