import Foundation
import Journal
import Reports

/// Makes reports for whoever asks: one at a time, and none twice for the same state of the journal, so that many open pages
/// cost no more than one.
actor ReportDesk {
    /// What a report is of.
    enum Subject: Hashable, Sendable {
        case batch(String)
        /// `YYYY-MM-DD/name`.
        case shift(String)
        /// Milliseconds since 1970; nil = without bound.
        case station(from: Int64?, until: Int64?)
    }

    /// Reports kept for the next one who asks.
    static let capacity = 8

    private let journal: Journal
    private let station: String
    private let clock: OperatorClock
    private var kept: [Subject: Report] = [:]
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(journal: Journal, station: String, clock: OperatorClock) {
        (self.journal, self.station, self.clock) = (journal, station, clock)
    }

    /// The report as the journal stands now.
    /// - Throws: ``JournalError`` with `notFound` where there is no such order or shift.
    func report(of subject: Subject) async throws -> Report {
        await enter()
        defer { leave() }
        let sequence = try await journal.lastSequence()
        if let report = kept[subject], report.cut.seq == sequence { return report }
        let report =
            switch subject {
            case .batch(let id): try await Report.batch(journal, order: id, station: station, at: clock.wall())
            case .shift(let id): try await Report.shift(journal, id: id, station: station, at: clock.wall())
            case .station(let from, let until):
                try await Report.station(journal, from: from, until: until, station: station, at: clock.wall())
            }
        if kept.count >= Self.capacity { kept = [:] }
        kept[subject] = report
        return report
    }

    private func enter() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }
}
