/// A board's UART between its port and whatever runs on the board: bytes arrive and leave as their wire lets them, disturbed
/// where the line is noisy, some of them later than they were said.
struct BoardUART {
    /// How handing bytes to a client ended.
    enum Delivery {
        case nobody
        case all
        /// The client takes no more now.
        case later
        case gone
    }

    private var wire: SerialWire
    private var noise: (source: LineNoise, rate: Double)?
    private var waiting: [(due: ContinuousClock.Instant, bytes: [UInt8])] = []
    /// What has left the board and was not taken yet.
    private var pending: [UInt8] = []

    /// - Parameters:
    ///   - baud: its rate at first.
    ///   - faults: of the board; `garbage` disturbs what it sends.
    init(pace: BoardPace, baud: Int, faults: [BoardFault]) {
        wire = SerialWire(pace: pace)
        wire.baud = baud
        for case .garbage(let seed, let rate) in faults { noise = (LineNoise(seed: seed), rate) }
    }

    /// The rate of bytes from now on.
    var baud: Int {
        get { wire.baud }
        set { wire.baud = newValue }
    }

    /// Bytes that were said and not taken yet.
    var backlog: Int { wire.outputBacklog + pending.count }

    /// When something is due next; nil when nothing is under way.
    func nextDeadline(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        [wire.nextDeadline(now: now), waiting.first?.due].compactMap { $0 }.min()
    }

    /// Nothing is under way any more.
    mutating func reset(baud: Int) {
        wire.reset()
        wire.baud = baud
        (pending, waiting) = ([], [])
    }

    // MARK: - Client to board

    mutating func receive(_ bytes: [UInt8], clientBaud: Int?, now: ContinuousClock.Instant) {
        wire.receive(bytes, clientBaud: clientBaud, now: now)
    }

    /// The bytes whose time has come, and when their last bit passed; nil when none has come.
    mutating func takeInput(now: ContinuousClock.Instant) -> (bytes: [UInt8], arrived: ContinuousClock.Instant)? {
        wire.takeInput(now: now)
    }

    // MARK: - Board to client

    /// Sends at once, before what waits.
    mutating func send(_ bytes: [UInt8], at moment: ContinuousClock.Instant) {
        let rate = noise?.rate ?? 0
        wire.send(noise?.source.disturb(bytes, rate: rate) ?? bytes, now: moment)
    }

    /// Sends an answer in its place after what waits.
    mutating func answer(_ bytes: [UInt8], at moment: ContinuousClock.Instant) {
        if let last = waiting.last { waiting.append((last.due, bytes)) } else { send(bytes, at: moment) }
    }

    /// Sends an answer `time` after the one before it.
    mutating func answer(_ bytes: [UInt8], after time: Duration, at moment: ContinuousClock.Instant) {
        waiting.append((max(waiting.last?.due ?? moment, moment) + time, bytes))
    }

    /// Sends the answers whose time has come.
    mutating func sendDue() {
        while let first = waiting.first, first.due <= .now {
            waiting.removeFirst()
            send(first.bytes, at: .now)
        }
    }

    /// Hands over what has left the board; without a client it is lost.
    mutating func deliver(to client: OwnedDescriptor?, clientBaud: Int?) -> Delivery {
        while let (bytes, baud) = wire.takeOutput(now: .now) {
            if client != nil { pending += wire.heard(bytes, sentAt: baud, clientBaud: clientBaud) }
        }
        guard let client else {
            forgetPending()
            return .nobody
        }
        while !pending.isEmpty {
            switch client.write(pending[...]) {
            case .done(let count): pending.removeFirst(count)
            case .later: return .later
            case .gone: return .gone
            }
        }
        return .all
    }

    /// The client has left.
    mutating func forgetPending() { pending = [] }
}
