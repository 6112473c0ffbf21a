import Glibc

/// A board of some family behind a pseudo terminal or a TCP port: loader, flash, first boot and firmware.
///
/// The actor runs on its ``PollLoop``'s thread; only the firmware's network part runs elsewhere, as a task the board
/// owns and ends before ``off()``, ``loader()``, ``run()`` and ``close()`` return. On TCP any number of clients may
/// come one after another: loader, memory and rate stay as they are. Several boards may share a loop.
public actor SimulatedBoard {
    /// What the chip is doing.
    public enum Power: Hashable, Sendable {
        case off
        case loader
        /// Boot log, firmware, or a boot that failed and is tried again.
        case running
        /// Unknown code was started from the loader.
        case hung
    }

    /// What is printed while nobody reads is dropped beyond this many bytes, as a UART's FIFO does.
    private static let consoleBacklog = 1 << 16
    /// A boot that found no valid image is repeated by the watchdog after this time.
    private static let watchdogPeriod = Duration.seconds(1)

    private nonisolated let loop: PollLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// Where clients find the UART: the link, or `socket://HOST:PORT`.
    public nonisolated let address: String

    private let configuration: BoardConfiguration
    private let flash: FlashChip
    private var port: BoardPort
    public private(set) var power = Power.off
    private let family: any BoardFamily
    /// What answers in the loader; nil where the loader is not on this port.
    private var loaderModel: (any WireModel)?
    /// What answers while an application runs that takes no plain lines.
    private var application: (any ApplicationModel)?
    /// The loader's side on USB, for families that have theirs there.
    private let usb: USBBoardControl?
    private var later: [(due: ContinuousClock.Instant, bytes: [UInt8])] = []
    private var network: AsyncStream<Bool>.Continuation?
    private var wire: SerialWire
    private var noise: (source: LineNoise, rate: Double)?
    private var pending: [UInt8] = []
    private var tokens: [PollLoop.Token] = []
    private var portToken: PollLoop.Token?
    private var timer: PollLoop.Token?
    private var watchdog: PollLoop.Token?
    private var firmware: Task<Void, Never>?
    /// The firmware's console, once it listens.
    private var console: (reader: ConsoleLineReader, lines: AsyncStream<ConsoleLineReader.Item>.Continuation)?
    /// Counts starts, so that a firmware that was stopped prints nothing more.
    private var start = 0

    /// Opens flash and port; the board does nothing before ``begin()``.
    /// - Throws: ``BoardError`` with code `flash` or `port`.
    public init(_ configuration: BoardConfiguration, loop: PollLoop) throws(BoardError) {
        var stuck: BoardFault.StuckBit?
        for case .stuckBit(let bit) in configuration.faults { stuck = bit }
        for case .garbage(let seed, let rate) in configuration.faults { noise = (LineNoise(seed: seed), rate) }
        self.configuration = configuration
        self.loop = loop
        family = configuration.family.family
        flash = try FlashChip(file: configuration.flashFile, size: family.flashSize, stuckBit: stuck)
        if flash.isNew {
            for (offset, bytes) in try family.factoryFlash() { _ = flash.program(offset, bytes) }
        }
        port = try BoardPort(configuration.port)
        address = port.address
        loaderModel = family.loader(configuration.identity, flash)
        usb = try family.usbDialect.map { dialect throws(BoardError) in
            guard let path = configuration.usbPath, let file = configuration.flashFile else {
                throw BoardError(.input, "a board whose loader is on USB needs a USB port path and a flash file")
            }
            let uid = configuration.identity.uid.prefix(12).map { hex(Int($0), digits: 2).uppercased() }.joined()
            return USBBoardControl(
                device: .init(
                    portPath: path, flashFile: file, dialect: dialect, serial: String(uid.prefix(12)), uid: uid))
        }
        wire = SerialWire(pace: configuration.pace)
        wire.baud = family.baud
    }

    /// Starts to serve the port. A board strapped into the loader is there already, without a word; any other boots.
    public func begin() {
        let timer = loop.timer { [weak self] _ in self?.assumeIsolated { $0.service() } }
        let watchdog = loop.timer { [weak self] _ in self?.assumeIsolated { $0.bootAgain() } }
        self.timer = timer
        self.watchdog = watchdog
        watchPort()
        if configuration.startsInLoader { enterLoader() } else { boot() }
    }

    // MARK: - Supply and reset

    /// Takes the supply away. The port stays and is silent.
    public func off() async {
        await stop()
        power = .off
    }

    /// Gives the board its supply; does nothing where it has it.
    public func on() async {
        guard power == .off else { return }
        if configuration.startsInLoader { await loader() } else { await run() }
    }

    /// Resets into the download loader.
    public func loader() async {
        await stop()
        enterLoader()
        for line in family.loaderLines(afterPowerOn: true) { print(line) }
    }

    /// A USB loader that cannot be plugged in is a board that answers nothing.
    private func enterLoader() {
        power = .loader
        do { try usb?.attach() } catch { power = .hung }
    }

    /// Resets into a normal boot.
    public func run() async {
        await stop()
        boot()
    }

    /// Carries out a line of the control socket that concerns the board itself.
    public func perform(_ command: BoardCommand) async throws(BoardError) -> String {
        switch command {
        case .off: await off()
        case .on: await on()
        case .loader: await loader()
        case .run: await run()
        case .isPresent: return "yes"
        case .place, .remove: throw BoardError(.state, "this board is on no fixture; start `simulate fixture` for that")
        }
        return "ok"
    }

    /// Takes the board away: firmware ended, link gone, client hung up. The flash file stays.
    public func close() async {
        await stop()
        power = .off
        for token in tokens { loop.unwatch(token) }
        tokens = []
        portToken = nil
        if let timer { loop.cancel(timer) }
        if let watchdog { loop.cancel(watchdog) }
        timer = nil
        watchdog = nil
        port.close()
    }

    /// Ends whatever runs and waits until its connections are gone.
    private func stop() async {
        start += 1
        if power == .loader { usb?.detach() }
        power = .off
        let ending = firmware
        firmware = nil
        closeApplication()
        ending?.cancel()
        await ending?.value
        reset()
    }

    /// The state of everything that a reset clears.
    private func reset() {
        wire.reset()
        wire.baud = family.baud
        pending = []
        later = []
        loaderModel = family.loader(configuration.identity, flash)
        if let watchdog { loop.arm(watchdog, at: nil) }
        if let timer { loop.arm(timer, at: nil) }
    }

    // MARK: - Boot

    private func boot() {
        power = .running
        let sequence = family.boot(flash, configuration.identity)
        for line in sequence.lines { print(line) }
        switch sequence.outcome {
        case .halted: break
        case .retry:
            if let watchdog { loop.arm(watchdog, at: .now + Self.watchdogPeriod) }
        case .application(let installed):
            start += 1
            let number = start
            firmware?.cancel()
            closeApplication()
            application = family.application(configuration.identity, flash, installed.version)
            let (changes, network) = AsyncStream.makeStream(of: Bool.self)
            self.network = network
            if !configuration.firmware.joinsNetwork { network.yield(true) }
            let program = Firmware(
                installed: installed, identity: configuration.identity, options: configuration.firmware,
                faults: configuration.faults, flash: flash,
                greeting: family.greeting(configuration.identity, version: installed.version), network: changes,
                setNetwork: { network.yield($0) })
            let uart = FirmwareUART(
                print: { [weak self] line in await self?.print(line, start: number) },
                listen: { [weak self] in await self?.openConsole(start: number) ?? AsyncStream { $0.finish() } })
            firmware = Task { await program.run(uart) }
        }
    }

    private func bootAgain() {
        if power == .running, firmware == nil { boot() }
    }

    private func print(_ line: String, start number: Int) {
        if number == start, power == .running { print(line) }
    }

    /// What the firmware of this start reads from now on; ended at once for one that was stopped.
    private func openConsole(start number: Int) -> AsyncStream<ConsoleLineReader.Item> {
        let (stream, lines) = AsyncStream.makeStream(
            of: ConsoleLineReader.Item.self, bufferingPolicy: .bufferingOldest(FirmwareConsole.backlog))
        if number == start, power == .running {
            closeConsole()
            console = (ConsoleLineReader(), lines)
        } else {
            lines.finish()
        }
        return stream
    }

    private func closeConsole() {
        console?.lines.finish()
        console = nil
    }

    /// Takes away what belongs to one start of the application.
    private func closeApplication() {
        closeConsole()
        application = nil
        network?.finish()
        network = nil
    }

    private func print(_ line: String) {
        guard wire.outputBacklog + pending.count < Self.consoleBacklog else { return }
        send(application?.unsolicited(line) ?? Array("\(line)\r\n".utf8), at: .now)
        service()
    }

    // MARK: - The port

    private func watchPort() {
        for descriptor in port.descriptors {
            let isListener = port.isListener(descriptor)
            let token = loop.watch(descriptor.number, events: Int32(POLLIN)) { [weak self] _ in
                self?.assumeIsolated { isListener ? $0.clientWaits() : $0.portReady() }
            }
            tokens.append(token)
            if !isListener { portToken = token }
        }
    }

    private func clientWaits() {
        guard portToken == nil, let client = port.accept() else { return }
        let token = loop.watch(client.number, events: Int32(POLLIN)) { [weak self] _ in
            self?.assumeIsolated { $0.portReady() }
        }
        tokens.append(token)
        portToken = token
        // One client at a time: the next one waits in the listener's queue.
        loop.setEvents(tokens[0], 0)
    }

    private func clientLeft() {
        guard let token = portToken, port.dropClient() else { return }
        loop.unwatch(token)
        tokens.removeAll { $0 == token }
        portToken = nil
        pending = []
        loop.setEvents(tokens[0], Int32(POLLIN))
    }

    private func portReady() {
        guard let descriptor = port.client else { return }
        switch descriptor.read(limit: 1 << 16) {
        case .later: break
        case .gone: return clientLeft()
        case .done(let bytes):
            if power != .off { wire.receive(bytes, clientBaud: port.clientBaud, now: .now) }
        }
        service()
    }

    /// Does what is due: bytes that have arrived, bytes that have left, and the next wake-up.
    private func service() {
        if let (input, arrived) = wire.takeInput(now: .now) {
            switch power {
            case .loader: perform(loaderModel?.receive(input) ?? [], at: arrived)
            case .running where application != nil:
                perform(application?.receive(input) ?? [], at: arrived)
                for event in application?.takeEvents() ?? [] { take(event) }
            case .running:
                for item in console?.reader.push(input) ?? [] { console?.lines.yield(item) }
            case .off, .hung: break
            }
        }
        while let first = later.first, first.due <= .now {
            later.removeFirst()
            send(first.bytes, at: .now)
        }
        deliver()
        if let timer { loop.arm(timer, at: [wire.nextDeadline(now: .now), later.first?.due].compactMap { $0 }.min()) }
    }

    private func take(_ event: ApplicationEvent) {
        switch event {
        case .joined: network?.yield(true)
        case .left: network?.yield(false)
        case .reset:
            let number = start
            Task { if number == start { await run() } }
        }
    }

    private func perform(_ actions: [WireAction], at moment: ContinuousClock.Instant) {
        let power = power
        for action in actions where self.power == power {
            switch action {
            // What waits keeps its place before what is sent after it.
            case .send(let bytes):
                if let last = later.last { later.append((last.due, bytes)) } else { send(bytes, at: moment) }
            case .sendAfter(let time, let bytes):
                later.append((max(later.last?.due ?? moment, moment) + time, bytes))
            case .setBaud(let baud): wire.baud = baud
            case .hang, .unplug: self.power = .hung
            case .run:
                restartChip()
                boot()
            case .restart:
                restartChip()
                for line in family.loaderLines(afterPowerOn: false) { print(line) }
            }
        }
    }

    /// A reset from within: the answer before it still leaves at its rate.
    private func restartChip() {
        wire.baud = family.baud
        loaderModel = family.loader(configuration.identity, flash)
    }

    private func send(_ bytes: [UInt8], at moment: ContinuousClock.Instant) {
        let rate = noise?.rate ?? 0
        let disturbed = noise?.source.disturb(bytes, rate: rate) ?? bytes
        wire.send(disturbed, now: moment)
    }

    private func deliver() {
        while let (bytes, baud) = wire.takeOutput(now: .now) {
            if port.client != nil { pending += wire.heard(bytes, sentAt: baud, clientBaud: port.clientBaud) }
        }
        guard let client = port.client, let portToken else {
            pending = []
            return
        }
        while !pending.isEmpty {
            switch client.write(pending[...]) {
            case .done(let count): pending.removeFirst(count)
            case .later:
                return loop.setEvents(portToken, Int32(POLLIN | POLLOUT))
            case .gone: return clientLeft()
            }
        }
        loop.setEvents(portToken, Int32(POLLIN))
    }
}
