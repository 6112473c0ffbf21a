/// The line to the board in one slot: identify, flash, boot, read the console.
///
/// One object per slot, used by one task at a time. Everything that blocks runs on the slot's own thread, and a
/// cancelled task gets its thread back within about 50 ms. Steps share one connection, so that the identity re-read
/// before the first erase comes from the same board and line as the write. Around power actions, and 15 s after them,
/// a port that goes away is opened again; at any other time it is an error.
public actor BoardConnection {
    /// How a slot talks to its boards.
    public struct Options: Sendable {
        /// Highest rate to try, in bits a second.
        public var maxBaud: Int
        /// The rate that worked last time on this slot; nil starts at ``maxBaud``.
        public var lastGoodBaud: Int?
        /// Folder with Espressif's stub files; nil uses the ROM's loader.
        public var stubDirectory: String?
        /// Rate of the firmware's console.
        public var consoleBaud: Int
        /// How the slot's boards are identified and written.
        public var method: BoardMethod
        /// How long a running firmware may take until it answers.
        public var answerLimit = Duration.seconds(15)
        /// Where the unit tag stands in flash; nil = it is not looked for.
        public var tagAddress: UInt32?

        public init(
            maxBaud: Int = 921_600, lastGoodBaud: Int? = nil, stubDirectory: String? = nil,
            consoleBaud: Int = 115_200, method: BoardMethod = .espressif(), answerLimit: Duration = .seconds(15),
            tagAddress: UInt32? = nil
        ) {
            self.maxBaud = maxBaud
            self.lastGoodBaud = lastGoodBaud
            self.stubDirectory = stubDirectory
            self.consoleBaud = consoleBaud
            self.method = method
            self.answerLimit = answerLimit
            self.tagAddress = tagAddress
        }
    }

    public nonisolated let slot: String
    public nonisolated let port: PortAddress
    public nonisolated let power: PowerController
    private let thread: SlotThread
    var options: Options
    var link: (any BoardLink)?
    /// The loader session; nil after a power action that ends it.
    var loader: (any BoardLoader)? {
        didSet { if oldValue !== loader { oldValue?.close() } }
    }
    /// The first reading of this session: every later one must be of the same board.
    var reading: BoardReading?
    var expectedBack: ContinuousClock.Instant?
    /// The console's bytes that are not a whole line yet, kept from call to call.
    var consoleLines = ConsoleLines()
    /// What was behind the port when it was first opened for this board.
    private var stamp: PortStamp?
    /// What the board said outside the protocol while its loader was opened.
    var bootText: [UInt8] = []
    var saidNoLines = false
    private var lastSync: (time: ContinuousClock.Instant, misses: Int)?
    private var lastPresence = false
    /// What the last look at the USB tree found, for ports that are places on it.
    private var lastLook: (time: ContinuousClock.Instant, device: String?)?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    public init(slot: String, port: PortAddress, control: PowerControl = .none, options: Options = Options()) {
        self.slot = slot
        self.port = port
        self.options = options
        power = PowerController(control, slot: slot)
        thread = SlotThread(name: "slot \(slot)")
    }

    /// Sets the rate that the slot remembers.
    public func remember(baud: Int?) { options.lastGoodBaud = baud }

    /// Whether a board is in the slot: what the fixture says where it can tell; else whether the port is there, which
    /// also counts as true during a power action and 15 s after it.
    public func isPresent() async -> Bool {
        if let link, !link.isAlive { close() }
        do {
            if let isPlaced = try await power.isBoardPresent() {
                lastPresence = isPlaced
                return isPlaced
            }
        } catch {
            // A fixture that cannot be asked has neither taken nor brought a board.
            return lastPresence
        }
        if case .tcp = port.kind, power.canPower, case .espressif = options.method.kind { return await answersSync() }
        return isExpectedBack || link != nil || isPortThere()
    }

    /// Whether the port is there. A place on the USB tree is found by reading the tree, once a second; between two looks
    /// the device node found there tells, so that a board that leaves is missed at once.
    private func isPortThere() -> Bool {
        guard case .usb = port.kind else { return port.isPresent() }
        if let lastLook, ContinuousClock.now - lastLook.time < .seconds(1) {
            return lastLook.device.map(FileText.exists) ?? false
        }
        let device = try? port.devicePath()
        lastLook = (.now, device)
        return device.map(FileText.exists) ?? false
    }

    /// Waits until a port that a power action takes away is back, as long as the tolerance allows.
    /// - Throws: ``LoaderError`` `portLost`, `cancelled`.
    public func settle() throws {
        try mapped { () throws(LinkError) in
            try DescriptorIO.pause(.milliseconds(500), port: port.description)
        }
        if let link, !link.isAlive { dropLink() }
        _ = try openLink()
    }

    /// A serial server is always there; whether a board is behind it only its loader tells. Asked once a second; a board
    /// is gone after three silent answers.
    private func answersSync() async -> Bool {
        if let lastSync, ContinuousClock.now - lastSync.time < .seconds(1) { return lastSync.misses < 3 }
        var misses = (lastSync?.misses ?? 2) + 1
        do {
            try await perform(.loader)
            let loader = EspressifLoader(link: try openLink())
            try loader.synchronise(tries: 5)
            misses = 0
        } catch {}
        dropLink()
        lastSync = (.now, misses)
        return misses < 3
    }

    /// Carries out a power action. The loader session ends; a port that goes away is expected back.
    /// - Throws: ``PowerError``, ``LoaderError`` for the port, `CancellationError`.
    public func perform(_ action: PowerAction) async throws {
        loader = nil
        expectBack()
        defer { expectBack() }
        guard case .modemLines(let circuit) = power.control else { return try await power.perform(action) }
        let link = try openLink()
        guard link.supportsModemLines else {
            throw PowerError(
                .unavailable, action: action.rawValue,
                "\(port) has no modem lines: give the slot a control (command, socket) or set it to none")
        }
        let lines = ModemLineReset(circuit: circuit, link: link)
        try mapped { () throws(LinkError) in
            switch action {
            case .off: try lines.hold()
            case .on: try lines.release()
            case .loader: try lines.enterLoader(attempt: 1)
            case .run: try lines.run()
            }
        }
    }

    /// Closes the port and forgets the session. The board stays as it is.
    public func close() {
        link?.close()
        link = nil
        loader = nil
        reading = nil
        stamp = nil
        expectedBack = nil
        lastSync = nil
        lastLook = nil
    }

    // MARK: - The port

    var isExpectedBack: Bool { expectedBack.map { ContinuousClock.now < $0 } ?? false }
    func expectBack() { expectedBack = .now + PowerControl.tolerance }

    /// The open port, opened now where it is not. After a power action a port that is away is waited for.
    func openLink() throws -> any BoardLink {
        if let link, link.isAlive { return link }
        dropLink()
        do {
            let opened = try port.open(baud: EspressifLoader.romBaud)
            try adopt(opened)
            return opened
        } catch {
            if let error = error as? LoaderError { throw error }
            guard let error = error as? LinkError else { throw error }
            guard isExpectedBack, error.code == .absent || error.code == .lost else { throw LoaderError(error) }
            return try reopen()
        }
    }

    /// Opens the port again, trying until the time after the power action is over.
    @discardableResult
    func reopen() throws -> any BoardLink {
        while true {
            do {
                let opened = try port.open(baud: EspressifLoader.romBaud)
                try adopt(opened)
                return opened
            } catch {
                if let error = error as? LoaderError { throw error }
                guard let error = error as? LinkError else { throw error }
                guard isExpectedBack, [.absent, .lost, .permission, .busy].contains(error.code) else {
                    throw LoaderError(error)
                }
                try mapped { () throws(LinkError) in
                    try DescriptorIO.pause(.milliseconds(100), port: port.description)
                }
            }
        }
    }

    /// Takes an open port as the board's. On the USB tree a port that came back under another name, or at another place,
    /// is not the one the identity was read at.
    private func adopt(_ opened: any BoardLink) throws(LoaderError) {
        let now = PortStamp.stamp(of: port)
        if let stamp, stamp.portPath != nil {
            switch stamp.change(to: now) {
            case .same, .reenumerated, .gone: break
            case .renamed, .other:
                opened.close()
                throw LoaderError(
                    .portChanged,
                    "\(port) was \(stamp.tty ?? "no serial port") and came back as \(now?.tty ?? "no serial port")",
                    expected: stamp.tty, received: now?.tty)
            }
        }
        stamp = now
        link = opened
        // An FTDI bridge gathers bytes for 16 ms unless it is told otherwise, anew at each enumeration.
        _ = LatencyTimer().shorten(port)
    }

    func dropLink() {
        link?.close()
        link = nil
        loader = nil
    }

    /// True where a lost port is waited for instead of reported.
    func toleratesLoss(_ error: LinkError) -> Bool { error.code == .lost && isExpectedBack }

    func mapped<R>(_ body: () throws(LinkError) -> R) throws(LoaderError) -> R {
        do { return try body() } catch { throw LoaderError(error) }
    }
}
