import Execution
import Foundation
import Journal
import Logging
import Provisioning

/// What every page shows, kept up to date from the line's events and the journal, and handed on as numbered events.
///
/// Readers keep their place in the ring and fetch what is new when they are woken; nothing is kept for a reader, so that a
/// slow one costs nothing and is cut when its place is gone.
actor Feed {
    /// How often the journal is asked whether anything is new.
    static let look = Duration.milliseconds(250)
    /// How often held-back progress is sent.
    static let tick = Duration.milliseconds(50)
    /// How often a reader hears something at least.
    static let beat = Duration.seconds(3)
    /// Sentences kept for who comes later.
    static let noticesKept = 50

    /// What a reader fetches.
    enum News: Sendable {
        case events([EventRing.Event])
        /// The reader's place is gone or was never ours: everything anew, as of `cursor`.
        case snapshot(JSONValue, cursor: Int64)
    }

    private let station: StationFacts
    private let journal: Journal
    private let clock: OperatorClock
    private let health: @Sendable () async -> [Health]
    private let logger: Logger
    private var ring: EventRing
    private var pacer = ProgressPacer()
    private var tiles: [String: SlotTile] = [:]
    private var figures: [OrderFigures] = []
    private var orders: [String: JSONValue] = [:]
    private var healths: [Health] = []
    private var notices: [JSONValue] = []
    private var tray: [TrayUnit] = []
    private var shift: JSONValue = .null
    private var sequence: Int64 = -1
    private var readers: [Int: AsyncStream<Void>.Continuation] = [:]
    private var nextReader = 0
    private var isFinished = false

    init(
        station: StationFacts, journal: Journal, clock: OperatorClock,
        health: @escaping @Sendable () async -> [Health], epoch: String, logger: Logger
    ) {
        (self.station, self.journal, self.clock, self.health) = (station, journal, clock, health)
        self.logger = logger
        ring = EventRing(epoch: epoch)
        let now = clock.wall()
        for slot in station.slots {
            tiles[slot.name] = SlotTile(profile: slot.profile, status: SlotStatus(slot: slot.name), since: now)
        }
    }

    // MARK: - Its life

    /// Follows the line and the journal until the events end or the task is cancelled; then every reader's stream ends.
    func run(_ events: AsyncStream<LineEvent>) async {
        defer { finish() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await event in events { await self.take(event) } }
            group.addTask {
                while !Task.isCancelled {
                    await self.refreshOrSay()
                    try? await Task.sleep(for: Self.look)
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    await self.sendDue()
                    try? await Task.sleep(for: Self.tick)
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    await self.refreshHealth()
                    await self.wake()
                    try? await Task.sleep(for: Self.beat)
                }
            }
            // The line's end is the feed's end.
            await group.next()
            group.cancelAll()
        }
    }

    private func finish() {
        isFinished = true
        for reader in readers.values { reader.finish() }
        readers = [:]
    }

    // MARK: - Readers

    /// A stream that yields whenever there may be news, and at every beat; it ends with the feed.
    func watch() -> (id: Int, AsyncStream<Void>) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        nextReader += 1
        if isFinished { continuation.finish() } else { readers[nextReader] = continuation }
        continuation.yield()
        return (nextReader, stream)
    }

    func forget(_ reader: Int) { readers.removeValue(forKey: reader)?.finish() }

    var readerCount: Int { readers.count }

    /// The number of an id that the reader has seen; nil where it is not ours.
    func number(id: String) -> Int64? { ring.number(id: id) }

    func id(_ number: Int64) -> String { ring.id(number) }

    /// What is new after a place; the whole snapshot where there is no such place.
    func news(after number: Int64?) -> News {
        if let number, let events = ring.events(after: number) { return .events(events) }
        return .snapshot(snapshot(), cursor: ring.last)
    }

    /// Everything a page shows, as of the last event.
    func snapshot() -> JSONValue {
        [
            "cursor": .string(ring.id(ring.last)),
            "station": [
                "id": .string(station.id), "time": .string(Timestamp.text(clock.wall())),
                "version": .string(station.version), "language": .string(station.language),
            ],
            "slots": .array(station.slots.compactMap { tiles[$0.name]?.json }),
            "orders": .array(figures.filter(\.isShown).compactMap { orders[$0.order.id] }),
            "health": .array(healths.map(\.json)), "notices": .array(notices), "tray": trayJSON,
            "shift": shift,
        ]
    }

    /// The slot of that name as it stands.
    func tile(_ slot: String) -> SlotTile? { tiles[slot] }

    /// The slot on which a unit is now.
    func tile(deviceName: String) -> SlotTile? { tiles.values.first { $0.status.deviceName == deviceName } }

    /// Whether a slot waits for a label, this one among others; or this is the printed label of a slot that waited too long
    /// for it, which is still good.
    func awaits(label text: String) -> Bool {
        tiles.values.contains { tile in
            let status = tile.status
            guard status.word != .scan else { return true }
            guard status.failure?.code == .labelNotScanned else { return false }
            return [status.deviceName, status.identity].compactMap { $0 }.contains { text.contains($0) }
        }
    }

    /// Slots in which a board of a profile has been run and lies yet.
    func occupied(profile: String) -> [String] {
        station.slots.map(\.name).filter { name in
            guard let tile = tiles[name], tile.profile == profile else { return false }
            return tile.status.word != .empty && tile.status.word != .ready
        }
    }

    private var trayJSON: JSONValue {
        .array(
            tray.map { ["unit": .string($0.deviceName), "code": .init($0.code), "since": .string($0.since)] })
    }

    // MARK: - What comes in

    /// Takes one event of the line.
    func take(_ event: LineEvent) async {
        switch event {
        case .slot(let status):
            guard var tile = tiles[status.slot] else { return }
            let isProgressOnly = tile.take(status, at: clock.wall())
            tiles[status.slot] = tile
            if pacer.admit(status.slot, isProgressOnly: isProgressOnly, at: clock.steady()) {
                send("slot", tile.json)
            }
        case .notice(let text, let zh): note(Bilingual(zh: zh ?? text, en: text))
        case .step, .order, .shift, .concluded, .started: break
        }
    }

    /// Shows a sentence on every page.
    func note(_ sentence: Bilingual) {
        let notice: JSONValue = [
            "time": .string(Timestamp.text(clock.wall())), "zh": .string(sentence.zh), "en": .string(sentence.en),
        ]
        notices = Array((notices + [notice]).suffix(Self.noticesKept))
        send("notice", notice)
    }

    /// Tells every page of a scan, under the id of who scanned.
    func scanned(_ id: String, _ answer: JSONValue) {
        guard case .object(var members) = answer else { return }
        members["id"] = .string(id)
        send("scan", .object(members))
    }

    private func sendDue() {
        for slot in pacer.due(at: clock.steady()) {
            if let tile = tiles[slot] { send("slot", tile.json) }
        }
    }

    /// A journal that cannot be read for a moment is asked again; the page stands still meanwhile.
    private func refreshOrSay() async {
        do { try await refresh() } catch {
            if !(error is CancellationError) { logger.error("the page cannot read the journal: \(error)") }
        }
    }

    /// Reads orders and tray anew where the journal has grown, and sends what is different.
    func refresh() async throws {
        let now = try await journal.lastSequence()
        guard now != sequence else { return }
        let (figures, tray) = (try await journal.figures(), try await journal.tray())
        let shift = try await ShiftTile.read(journal, station.calendar, at: clock.wall()).json
        sequence = now
        self.figures = figures
        for order in figures where order.isShown || orders[order.order.id] != nil {
            let json = OrderTile(order, isRunning: isRunning(order.order)).json
            guard orders[order.order.id] != json else { continue }
            orders[order.order.id] = json
            send("order", json)
        }
        if tray != self.tray {
            self.tray = tray
            send("tray", trayJSON)
        }
        if shift != self.shift {
            self.shift = shift
            send("shift", shift)
        }
        for (slot, tile) in tiles {
            let working = figures.filter { $0.order.profile == tile.profile && $0.order.isWorking }
            let order = working.count == 1 ? working.first?.order.id : nil
            guard tile.order != order else { continue }
            tiles[slot]?.order = order
            if let tile = tiles[slot] { send("slot", tile.json) }
        }
    }

    private func isRunning(_ order: WorkOrder) -> Bool {
        tiles.values.contains { $0.order == order.id && $0.status.word == .busy }
    }

    private func refreshHealth() async {
        let found = await health()
        for item in found where !healths.contains(item) { send("health", item.json) }
        healths = found
    }

    private func send(_ name: String, _ json: JSONValue) {
        ring.append(name, json.text)
        wake()
    }

    private func wake() {
        for reader in readers.values { reader.yield() }
    }
}

extension OrderFigures {
    /// Whether the line's page shows the order: what is closed belongs to the list of orders.
    fileprivate var isShown: Bool { !order.state.isOver }
}
