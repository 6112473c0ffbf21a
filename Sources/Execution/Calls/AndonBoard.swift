import Provisioning

/// What the andon shows, as a state of its own: the line's events in, what is to be told out, the latest state of each
/// place alone.
struct AndonBoard: Sendable {
    /// What a lamp stands for.
    enum Place: Hashable, Sendable {
        case line
        case slot(String)
    }

    /// What one place shows.
    struct State: Hashable, Sendable {
        /// A slot's own word; for the line CALL, HOLD, FAIL, BUSY, IDLE or STOPPED, the first that applies.
        var word: String
        var code: String?
        /// Whether somebody has called for help there.
        var isCalled = false
    }

    private var slots: [String: State] = [:]
    private var heldOrders: [String: String] = [:]
    /// When a call for no slot in particular is over; nil = there is none.
    private var lineCallEnds: ContinuousClock.Instant?
    private var isStopped = false
    private var told: [Place: State] = [:]
    /// Places whose state is not told yet, in the order in which they changed.
    private var waiting: [Place] = []

    /// Takes what happened on the line.
    mutating func take(_ event: LineEvent) {
        switch event {
        case .slot(let status):
            slots[status.slot, default: State(word: "")].word = status.word.rawValue
            slots[status.slot]?.code = status.failure?.code.text
            // Somebody has come and taken the board away.
            if status.word == .empty { slots[status.slot]?.isCalled = false }
            note(.slot(status.slot))
        case .order(let order):
            heldOrders[order.id] = order.state == .held ? order.holdCode ?? "" : nil
            note(.line)
        default: break
        }
    }

    /// How long a call for no slot in particular is shown.
    static let callTime = Duration.seconds(600)

    /// Somebody calls for help, or has come. A call at a slot is over when its board is taken away, one for the line after
    /// ``callTime``.
    mutating func call(slot: String?, _ isCalled: Bool, at now: ContinuousClock.Instant) {
        if let slot {
            slots[slot, default: State(word: SlotStatus.Word.empty.rawValue)].isCalled = isCalled
            note(.slot(slot))
        } else {
            lineCallEnds = isCalled ? now + Self.callTime : nil
            note(.line)
        }
    }

    /// Ends the call whose time is over.
    mutating func expire(at now: ContinuousClock.Instant) {
        guard let end = lineCallEnds, end <= now else { return }
        lineCallEnds = nil
        note(.line)
    }

    /// The station stops: its line's lamp says so.
    mutating func stop() {
        isStopped = true
        waiting = []
        note(.line)
    }

    /// What is to be told next; nil where everything is told.
    func next() -> (place: Place, state: State)? { waiting.first.map { ($0, state(of: $0)) } }

    /// A telling has ended. What changed meanwhile waits for its turn; a place that could not be told waits on.
    mutating func end(_ place: Place, _ state: State, isTold: Bool) {
        if isTold { told[place] = state }
        waiting.removeAll { $0 == place }
        if self.state(of: place) != told[place] { waiting.append(place) }
    }

    private mutating func note(_ place: Place) {
        for place in place == .line ? [.line] : [place, .line] where !waiting.contains(place) {
            if state(of: place) != told[place] { waiting.append(place) }
        }
    }

    private func state(of place: Place) -> State {
        switch place {
        case .slot(let slot): return slots[slot] ?? State(word: SlotStatus.Word.empty.rawValue)
        case .line:
            if isStopped { return State(word: "STOPPED") }
            func code(_ word: SlotStatus.Word) -> State? {
                slots.sorted { $0.key < $1.key }.map(\.value).first { $0.word == word.rawValue }
            }
            let isCalled = lineCallEnds != nil || slots.values.contains { $0.isCalled }
            if isCalled { return State(word: "CALL", isCalled: true) }
            if let order = heldOrders.values.min() { return State(word: "HOLD", code: order.isEmpty ? nil : order) }
            if let slot = code(.hold) { return State(word: "HOLD", code: slot.code) }
            if let slot = code(.fail) { return State(word: "FAIL", code: slot.code) }
            return State(word: code(.busy) == nil ? "IDLE" : "BUSY")
        }
    }
}
