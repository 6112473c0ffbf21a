public import Foundation
public import Journal
import Locking
import Provisioning

extension Report {
    /// The report of an order, as the journal stands now.
    /// - Parameter station: the station's id; nil = as the journal tells it.
    /// - Throws: ``JournalError`` with `notFound` where there is no such order.
    public static func batch(
        _ journal: Journal, order id: String, station: String? = nil, at time: Date = Date()
    ) async throws -> Report {
        guard let order = try await journal.order(id) else {
            throw JournalError(.notFound, "there is no order \(id); `station order list` shows them")
        }
        let cut = try await head(journal).cut
        let figures = try await figures(
            journal, .batch(order: order.id, quota: order.quota), of: .order(order.id), upTo: cut.seq)
        return Report(
            kind: .batch, station: try await name(journal, station), cut: cut, madeAt: time, order: order,
            figures: figures, zone: try await timeZone(of: journal))
    }

    /// The report of everything the station did from `from` until before `until`, as the journal stands now.
    /// - Parameters:
    ///   - from: milliseconds since 1970; nil = from the first record on.
    ///   - until: milliseconds since 1970; nil = to the last record.
    ///   - station: the station's id; nil = as the journal tells it.
    public static func station(
        _ journal: Journal, from: Int64? = nil, until: Int64? = nil, station: String? = nil, at time: Date = Date()
    ) async throws -> Report {
        let cut = try await head(journal).cut
        let figures = try await figures(
            journal, .station(from: from, until: until), of: .time(from: from, until: until), upTo: cut.seq)
        return Report(
            kind: .station, station: try await name(journal, station), cut: cut, madeAt: time, from: from,
            until: until,
            figures: figures, zone: try await timeZone(of: journal))
    }

    // MARK: - Parts

    static func figures(
        _ journal: Journal, _ scope: FigureScope, of facts: FactScope, upTo last: Int64
    ) async throws -> Figures {
        let accumulator = Locked(FigureAccumulator(scope: scope))
        try await journal.facts(facts, upTo: last) { fact in accumulator.withLock { $0.add(fact) } }
        return accumulator.withLock { $0.finish() }
    }

    /// The journal's last record, and when it was written; 0 where it is empty.
    static func head(_ journal: Journal) async throws -> (cut: Cut, time: Int64) {
        guard let row = try await journal.lastRow() else { return (Cut(seq: 0, hash: ""), 0) }
        return (Cut(seq: row.seq, hash: row.hash), Self.time(row))
    }

    static func time(_ row: JournalRow) -> Int64 {
        (try? JSONValue(parsing: row.text))?["time"].string.flatMap(UTCTime.milliseconds) ?? 0
    }

    /// The station's id: what is known, or what the journal's first records say.
    static func name(_ journal: Journal, _ known: String?) async throws -> String? {
        if let known { return known }
        return try await journal.rows(after: 0, limit: 200).lazy
            .compactMap { try? JSONValue(parsing: $0.text) }
            .first { $0["kind"].string == RecordKind.stationStarted.rawValue }?["body"]["station"].string
    }
}
