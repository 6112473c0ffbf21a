import CutPoint
import Journal
import Provisioning

/// Tells the MES the outcome of every run, in order, each at least once.
///
/// The queue is the journal itself: what waits is every `run.concluded` after the cursor. The cursor moves when an outcome
/// was taken (a status 2xx, or 409 for one that is there already), so a crash repeats at most the last one, under the
/// same id. Trouble is tried again without end, 1 to 60 s apart, and nothing overtakes.
///
/// A station that is told of its MES for the first time begins with the runs from then on.
public struct AfterRunQueue: Sendable {
    /// Records read at a time.
    private static let page = 200

    private let station: String
    private let url: String
    private let settings: MESSettings
    private let journal: Journal
    private let client: CallClient
    private let health: MESHealth
    private let onNotice: @Sendable (String) -> Void
    /// How often the journal is looked at while nothing waits.
    private let interval: Duration
    private let pauses: CallPause

    init(
        station: String, url: String, settings: MESSettings, journal: Journal, client: CallClient, health: MESHealth,
        interval: Duration = .seconds(1), pauses: CallPause = CallPause(from: .seconds(1), to: .seconds(60)),
        onNotice: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        (self.station, self.url, self.settings, self.journal) = (station, url, settings, journal)
        (self.client, self.health, self.onNotice) = (client, health, onNotice)
        (self.interval, self.pauses) = (interval, pauses)
    }

    /// Tells outcomes until cancelled.
    /// - Throws: what the journal and its folder throw; `CancellationError`.
    public func run() async throws {
        var cursor = try await begin()
        while true {
            let rows = try await journal.rows(after: cursor.seq, limit: Self.page)
            for row in rows {
                let place = AfterRunCursor(seq: row.seq, hash: row.hash)
                if let message = AfterRunMessage(row, station: station) {
                    try await deliver(message)
                    try place.write(in: journal.folder)
                }
                cursor = place
            }
            if rows.count < Self.page { try await Task.sleep(for: interval) }
        }
    }

    private func begin() async throws -> AfterRunCursor {
        if let cursor = try AfterRunCursor.read(in: journal.folder) {
            let row = try await journal.rows(after: cursor.seq - 1, limit: 1).first
            if cursor == .start || row.map({ $0.seq == cursor.seq && $0.hash == cursor.hash }) == true { return cursor }
            onNotice(
                "the journal is another one than the MES was told of up to record \(cursor.seq): every outcome in it is "
                    + "told again")
            try AfterRunCursor.start.write(in: journal.folder)
            return .start
        }
        let last = try await journal.lastRow()
        let cursor = last.map { AfterRunCursor(seq: $0.seq, hash: $0.hash) } ?? .start
        try cursor.write(in: journal.folder)
        return cursor
    }

    private func deliver(_ message: AfterRunMessage) async throws {
        var pause = pauses
        while true {
            do {
                guard let key = try? settings.key() else {
                    throw CallTrouble(MESSettings.advice, mayHaveArrived: false)
                }
                let headers = CallSignature(id: message.id, body: message.body, key: key).headers
                CutPoint.reach("mes.tell.before")
                let answer = try await client.post(url, message.body, headers: headers, within: settings.limit)
                CutPoint.reach("mes.tell.after")
                guard answer.isSuccess || answer.status == 409 else {
                    throw CallTrouble(
                        "\(CallClient.peer(of: url)) answered run \(message.run) with status \(answer.status), expected 200"
                    )
                }
                return health.delivered()
            } catch let trouble as CallTrouble {
                health.undelivered(run: message.run, trouble)
                try await Task.sleep(for: pause.grow())
            }
        }
    }
}
