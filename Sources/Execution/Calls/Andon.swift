import CutPoint
import Provisioning

/// Tells lamps and boards of the plant what each slot and the line show, by HTTP or by a command.
///
/// It follows the line's events and holds nothing up: what could not be told is tried again, 1 to 30 s apart, and then the
/// latest state is told, not what is over.
public actor Andon {
    private let station: String
    private let settings: AndonSettings
    private let client: CallClient
    private let pauses: CallPause
    private var board = AndonBoard()
    private var trouble: CallTrouble?
    private var hasTold = false
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init(
        station: String, settings: AndonSettings, client: CallClient,
        pauses: CallPause = CallPause(from: .seconds(1), to: .seconds(30))
    ) {
        (self.station, self.settings, self.client, self.pauses) = (station, settings, client, pauses)
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How the andon answers.
    public var health: CallHealth {
        if let trouble { return CallHealth(.warn, zh: "安灯：不应答", en: "andon: \(trouble)") }
        return hasTold
            ? CallHealth(.ok, zh: "安灯：正常", en: "andon: well")
            : CallHealth(.unknown, zh: "安灯：未知", en: "andon: not called yet")
    }

    /// Somebody calls for help at a slot, or for the line where it is nil; or the help has come. A call ends by itself when
    /// the slot's board is taken away, one for the line after ten minutes.
    public func call(slot: String?, _ isCalled: Bool) {
        board.call(slot: slot, isCalled, at: .now)
        ring.yield()
    }

    /// Follows `events` until they end or the task is cancelled; the line's last word is STOPPED.
    func run(_ events: AsyncStream<LineEvent>) async {
        await withTaskGroup { group in
            group.addTask {
                for await event in events { await self.take(event) }
            }
            group.addTask { await self.tellAll() }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(5))
                    await self.expire()
                }
            }
            await group.next()
            group.cancelAll()
        }
        board.stop()
        // Also while the station stops: a lamp that stays green would lie.
        _ = await Task { await self.tellOnce(within: .seconds(2)) }.value
    }

    private func take(_ event: LineEvent) {
        board.take(event)
        ring.yield()
    }

    private func expire() {
        board.expire(at: .now)
        ring.yield()
    }

    private func tellAll() async {
        var pause = pauses
        for await _ in bell {
            while board.next() != nil, !Task.isCancelled {
                if await tellOnce(within: settings.limit) {
                    pause.reset()
                } else {
                    try? await Task.sleep(for: pause.grow())
                }
            }
        }
    }

    /// Tells the state that waits longest.
    /// - Returns: whether it was taken.
    @discardableResult
    private func tellOnce(within limit: Duration) async -> Bool {
        guard let (place, state) = board.next() else { return true }
        do {
            try await tell(place, state, within: limit)
            (trouble, hasTold) = (nil, true)
            board.end(place, state, isTold: true)
            return true
        } catch {
            if let known = error as? CallTrouble { trouble = known }
            board.end(place, state, isTold: false)
            return false
        }
    }

    private func tell(_ place: AndonBoard.Place, _ state: AndonBoard.State, within limit: Duration) async throws {
        let (scope, slot): (String, String?) =
            switch place {
            case .line: ("line", nil)
            case .slot(let name): ("slot", name)
            }
        CutPoint.reach("andon.before")
        defer { CutPoint.reach("andon.after") }
        switch settings.target {
        case .url(let url):
            let message: JSONValue = [
                "event": "andon", "station": .string(station), "scope": .string(scope), "slot": .init(slot),
                "word": .string(state.word), "code": .init(state.code), "call": .bool(state.isCalled),
            ]
            let answer = try await client.post(url, Array(message.text.utf8), within: limit)
            guard answer.isSuccess else {
                throw CallTrouble("\(CallClient.peer(of: url)) answered with status \(answer.status), expected 200")
            }
        case .command(let words):
            let values = [
                "station": station, "scope": scope, "slot": slot ?? "", "word": state.word, "code": state.code ?? "",
                "call": state.isCalled ? "1" : "0",
            ]
            try await CallCommand(words: words).run(values, within: limit)
        }
    }
}
