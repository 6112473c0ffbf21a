import Glibc

/// A ``WireModel`` behind a pseudo terminal: a board of which only what answers on the wire matters.
///
/// The actor runs on its ``PollLoop``'s thread. Clients may come one after another; the model keeps its state.
public actor WireHost {
    private nonisolated let loop: PollLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// The path clients open.
    public nonisolated let link: String

    private var port: PseudoTerminal?
    private var model: any WireModel
    private var wire: SerialWire
    private var pending: [UInt8] = []
    private var token: PollLoop.Token?
    private var timer: PollLoop.Token?
    private var later: [(due: ContinuousClock.Instant, bytes: [UInt8])] = []
    private var isMute = false
    /// What the model has asked for besides sending, in order.
    public private(set) var actions: [WireAction] = []

    /// Opens the pseudo terminal; nothing is answered before ``begin()``.
    /// - Throws: ``BoardError`` with code `port`.
    public init(
        _ model: any WireModel, link: String, pace: BoardPace = .unpaced, loop: PollLoop
    ) throws(BoardError) {
        (self.model, self.link, self.loop) = (model, link, loop)
        wire = SerialWire(pace: pace)
        port = try PseudoTerminal(link: link)
    }

    /// Starts to answer.
    public func begin() {
        guard let port else { return }
        timer = loop.timer { [weak self] _ in self?.assumeIsolated { $0.service() } }
        token = loop.watch(port.master.number, events: Int32(POLLIN)) { [weak self] _ in
            self?.assumeIsolated { $0.ready() }
        }
    }

    /// Puts another model behind the same wire, as a reset does.
    public func replace(_ model: any WireModel) {
        self.model = model
        isMute = false
        later = []
        pending = []
        wire.reset()
    }

    /// The model as it is now.
    public var current: any WireModel { model }

    /// Sends bytes that nobody asked for.
    public func say(_ bytes: [UInt8]) {
        wire.send(bytes, now: .now)
        service()
    }

    /// Unplugs the board: the client's descriptor hangs up and the link is gone.
    public func close() {
        if let token { loop.unwatch(token) }
        if let timer { loop.cancel(timer) }
        (token, timer) = (nil, nil)
        port?.removeLink()
        port = nil
    }

    private func ready() {
        guard let port else { return }
        if case .done(let bytes) = port.master.read(limit: 1 << 16) {
            wire.receive(bytes, clientBaud: port.clientBaud, now: .now)
        }
        service()
    }

    private func service() {
        let now = ContinuousClock.now
        if let (input, arrived) = wire.takeInput(now: now), !isMute {
            for action in model.receive(input) { perform(action, at: arrived) }
        }
        while let first = later.first, first.due <= now {
            later.removeFirst()
            wire.send(first.bytes, now: now)
        }
        deliver()
        if let timer {
            let next = [wire.nextDeadline(now: now), later.first?.due].compactMap { $0 }.min()
            loop.arm(timer, at: next)
        }
    }

    private func perform(_ action: WireAction, at moment: ContinuousClock.Instant) {
        switch action {
        // What waits keeps its place before what is sent after it.
        case .send(let bytes):
            if let last = later.last { later.append((last.due, bytes)) } else { wire.send(bytes, now: moment) }
        case .sendAfter(let time, let bytes): later.append((max(later.last?.due ?? moment, moment) + time, bytes))
        case .setBaud(let baud):
            wire.baud = baud
            actions.append(action)
        case .hang:
            isMute = true
            actions.append(action)
        case .run, .restart: actions.append(action)
        case .unplug: close()
        }
    }

    private func deliver() {
        guard let port, let token else { return }
        while let (bytes, baud) = wire.takeOutput(now: .now) {
            pending += wire.heard(bytes, sentAt: baud, clientBaud: port.clientBaud)
        }
        while !pending.isEmpty {
            switch port.master.write(pending[...]) {
            case .done(let count): pending.removeFirst(count)
            case .later: return loop.setEvents(token, Int32(POLLIN | POLLOUT))
            case .gone: return pending = []
            }
        }
        loop.setEvents(token, Int32(POLLIN))
    }
}
