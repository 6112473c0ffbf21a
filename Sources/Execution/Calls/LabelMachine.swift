import Provisioning

/// One board's label as a state machine: events in, actions out, no effects of its own.
///
/// ```
/// ─► queued ─► printing ─► scan ─► confirmed ─► (board gone) end
///       ▲          │         │         │
///       └── held ◄─┴─────────┘         └─ reprint ─► queued
/// ```
/// The station's one turn is held from printing until the label is scanned back or given up. A board that is taken away
/// while it is held ends the attendance: its label is due when it is placed again.
struct LabelMachine: Sendable {
    enum Event: Hashable, Sendable {
        /// The station's turn is this slot's.
        case turn
        case printed
        case failed(CallTrouble)
        /// The label was scanned at the slot, and that is on record.
        case scanned
        case reprint(reason: String)
        case timer(Int)
        /// The board was taken away.
        case gone
    }

    enum Action: Hashable, Sendable {
        case askTurn
        case giveTurn
        /// Print: a new copy, with its reason, or the last one again, which never reached the printer.
        case print(isNewCopy: Bool, reason: String?)
        case wait(Duration, timer: Int)
        case recordHold(Failure)
        case show(LabelDesk.Phase)
        case end
    }

    private enum State: Hashable, Sendable {
        case queued, printing, scan, held, confirmed, ended
    }

    private var state: State
    private var reason: String?
    private var isGone = false
    /// Whether the board has been held for the trouble at hand.
    private var isHeld = false
    /// Whether the last copy on record never reached the printer.
    private var isUnsent = false
    private var timer = 0
    private var pause = CallPause(from: .seconds(2), to: .seconds(30))
    private let scanLimit: Duration

    /// - Parameters:
    ///   - isConfirmed: whether the unit's label was scanned back before.
    ///   - reason: why there is another copy; nil for the first.
    init(isConfirmed: Bool, reason: String?, scanLimit: Duration) {
        state = isConfirmed ? .confirmed : .queued
        (self.reason, self.scanLimit) = (reason, scanLimit)
    }

    func begin() -> [Action] { state == .confirmed ? [.show(.confirmed)] : [.show(.queued), .askTurn] }

    /// Takes one event; one that does not belong to the state changes nothing.
    mutating func handle(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.ended, _): return []
        case (_, .gone):
            isGone = true
            return state == .held || state == .confirmed || (state == .queued && isHeld) ? end() : []
        case (.confirmed, .scanned): return []
        case (_, .scanned):
            state = .confirmed
            (isHeld, isUnsent) = (false, false)
            pause.reset()
            timer += 1
            return [.giveTurn, .show(.confirmed)] + (isGone ? end() : [])
        case (.queued, .turn):
            state = .printing
            return [.show(.printing), .print(isNewCopy: !isUnsent, reason: reason)]
        case (.printing, .printed):
            state = .scan
            (isHeld, isUnsent) = (false, false)
            pause.reset()
            timer += 1
            return [.show(.scan), .wait(scanLimit, timer: timer)]
        case (.printing, .failed(let trouble)):
            isUnsent = !trouble.mayHaveArrived
            if !isUnsent { reason = "printer trouble: \(trouble)" }
            return hold(Failure(.labelPrinter, trouble.description)) + wait(pause.grow())
        case (.scan, .timer(timer)):
            reason = "not scanned back"
            return hold(Failure(.labelNotScanned, "the label was not scanned at its slot within \(scanLimit.sentence)"))
        case (.scan, .reprint(let text)):
            state = .printing
            timer += 1
            return [.show(.printing), .print(isNewCopy: true, reason: text)]
        case (.held, .timer(timer)): return queue()
        case (.held, .reprint(let text)), (.confirmed, .reprint(let text)):
            (reason, isUnsent) = (text, false)
            return [.show(.queued)] + queue()
        default: return []
        }
    }

    /// The label can never be printed as it is.
    mutating func refuse(_ failure: Failure) -> [Action] { hold(failure) }

    private mutating func queue() -> [Action] {
        state = .queued
        timer += 1
        return [.askTurn]
    }

    private mutating func hold(_ failure: Failure) -> [Action] {
        let isNews = !isHeld
        (state, isHeld) = (.held, true)
        timer += 1
        return [.giveTurn] + (isNews ? [.recordHold(failure)] : []) + [.show(.held(failure))] + (isGone ? end() : [])
    }

    private mutating func wait(_ time: Duration) -> [Action] {
        state == .held ? [.wait(time, timer: timer)] : []
    }

    private mutating func end() -> [Action] {
        state = .ended
        return [.giveTurn, .end]
    }
}
