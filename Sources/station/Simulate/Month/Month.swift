import Foundation
import Journal
import Locking
import Provisioning

/// A month of a simulated plant, told to a journal through the journal's own calls: what it refuses and counts is the
/// journal's own doing. Boards, cloud and people are made up; the same seed makes the same records.
///
/// ```
///  slots ─┐
///  leader ├─► the earliest event ─► clock ─► journal
///  shifts ┘
/// ```
/// Belongs to one task.
struct Month {
    /// What is wanted.
    struct Wish: Sendable {
        let units: Int
        let shifts: Int
        let orders: Int
        let seed: UInt64
    }

    /// One slot of a line.
    struct Slot {
        let name: String
        let line: Int
        /// When something happens on it next; milliseconds since 1970.
        var next: Int64
        var run: MonthRun?
    }

    static let actor = "station:month"
    static let leader = "person:Huang Lei"
    static let engineer = "person:Guo Jing"
    static let owner = "person:Xu Ning"

    let wish: Wish
    let calendar: MonthCalendar
    let journal: Journal
    private let clock: Locked<Int64>
    var random: DemoRandom
    var lines: [MonthLine] = []
    var slots: [Slot] = []
    var boards: [MonthBoard] = []
    /// What the leader will do, and when.
    var agenda: [(time: Int64, deed: Deed)] = []
    /// The shift that is open.
    var shift: MonthCalendar.Shift?
    /// What happens to the whole station, the next one last.
    var events: [(time: Int64, event: Event)] = []
    var outages: [Range<Int64>] = []
    var runs = 0
    private var requests: UInt64 = 0

    /// What happens to the whole station.
    enum Event { case beginShift(Int), extendShift(until: Int64), endShift(Int), crash, restart }

    init(_ wish: Wish, folder: String) throws {
        self.wish = wish
        calendar = MonthCalendar(shifts: wish.shifts)
        let clock = Locked(calendar.begin)
        self.clock = clock
        journal = try Journal(simulationIn: folder) { Date(timeIntervalSince1970: Double(clock.now) / 1000) }
        random = DemoRandom(seed: wish.seed)
    }

    /// Milliseconds since 1970.
    var now: Int64 {
        get { clock.now }
        nonmutating set { clock.withLock { $0 = newValue } }
    }

    /// Works the month through.
    /// - Returns: where the journal's chain ends.
    mutating func run() async throws -> JournalHead? {
        try await open()
        while true {
            let slot = slots.indices.min { slots[$0].next < slots[$1].next } ?? 0
            let deed = agenda.indices.min { agenda[$0].time < agenda[$1].time }
            let event = events.last?.time ?? .max
            let next = min(slots[slot].next, deed.map { agenda[$0].time } ?? .max, event)
            if next >= calendar.end, events.isEmpty, slots.allSatisfy({ $0.run == nil }) { break }
            now = max(now, next)
            if event == next, let (_, event) = events.popLast() {
                try await happen(event)
            } else if let deed, agenda[deed].time == next {
                try await perform(agenda.remove(at: deed).deed)
            } else if slots[slot].run != nil {
                try await advance(slot)
            } else {
                try await fill(slot)
            }
        }
        try await journal.append(kind: .stationStopped, actor: Self.actor, body: ["station": "month"])
        return try await journal.finishSimulation()
    }

    // MARK: - Chance

    /// Whether something comes about that does so `times` in ten thousand.
    mutating func chance(_ times: Int) -> Bool { Int.random(in: 0..<10_000, using: &random) < times }

    mutating func pick(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }

    /// The cloud's name for a call.
    mutating func request() -> String {
        requests += 1
        return MonthText.hex(requests &* 0xD134_2543_DE82_EF95, 16)
    }

    static func minutes(_ count: Int64) -> Int64 { count * 60_000 }

    /// What is rare in a plant is less so in a small month, so that it comes about at all; 1 to 16.
    var rarity: Int64 { Int64(min(16, max(1, 20_000 / wish.units))) }

    var isCloudDown: Bool { outages.contains { $0.contains(now) } }

    // MARK: - Slots

    /// An empty slot: the next board is placed, or it stays empty for a while.
    private mutating func fill(_ slot: Int) async throws {
        let line = slots[slot].line
        guard let shift, !shift.pause.contains(now), now >= lines[line].heldUntil, lines[line].order != nil else {
            slots[slot].next = now + pick(4_000...12_000)
            return
        }
        if let board = lines[line].takeReturn(at: now, boards) { return try await place(board, on: slot, isNew: false) }
        let isDue =
            Int64(lines[line].created) * calendar.worked * 100 < Int64(lines[line].planned)
            * (calendar.worked(before: now) + Self.minutes(2)) * 104
        guard let order = lines[line].order, order.created < order.planned, isDue else {
            try await turnOver(line)
            slots[slot].next = now + pick(3_000...9_000)
            return
        }
        if let stray = stray(for: line) { return try await place(stray, on: slot, isNew: false) }
        lines[line].orders[lines[line].current].created += 1
        let board = newBoard(line)
        boards[board].isFresh = true
        try await place(board, on: slot, isNew: true)
    }

    /// A board that was never seen before.
    mutating func newBoard(_ line: Int, mac: UInt64? = nil, uid: String? = nil) -> Int {
        let number = UInt64(boards.count)
        boards.append(
            MonthBoard(
                line: line, mac: mac ?? 0x6055_F900_0000 + number * 4,
                uid: uid ?? MonthText.hex(random.next(), 16) + MonthText.hex(number, 16)))
        return boards.count - 1
    }

    /// A board that was claimed for the first time.
    mutating func made(_ board: Int, on line: Int) { lines[line].orders[lines[line].current].made += 1 }

    /// The line's order is made: the next one begins.
    private mutating func turnOver(_ line: Int) async throws {
        guard let order = lines[line].order, order.created >= order.planned, lines[line].returns.isEmpty,
            lines[line].current + 1 < lines[line].orders.count,
            slots.allSatisfy({ $0.line != line || $0.run == nil })
        else { return }
        try await journal.changeOrder(order.id, to: .held, reason: "made", actor: Self.leader)
        lines[line].current += 1
        if let next = lines[line].order {
            try await journal.changeOrder(next.id, to: .open, reason: "changeover", actor: Self.leader)
        }
    }
}
