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

    nonisolated let loop: PollLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// Where clients find the UART: the link, or `socket://HOST:PORT`.
    public nonisolated let address: String

    let configuration: BoardConfiguration
    let flash: FlashChip
    let family: any BoardFamily
    public internal(set) var power = Power.off
    /// What answers in the loader; nil where the loader is not on this port.
    var loaderModel: (any WireModel)?
    /// The loader's side on USB, for families that have theirs there.
    private let usb: USBBoardControl?
    /// What runs after a boot that found an application.
    var program: BoardProgram?
    /// Counts starts, so that a firmware that was stopped prints nothing more.
    var start = 0
    var watchdog: PollLoop.Token?

    var port: BoardPort
    var uart: BoardUART
    /// What is watched of the port: a listener first, the client's own.
    var tokens: [PollLoop.Token] = []
    var portToken: PollLoop.Token?
    /// Wakes when the UART has something due.
    var timer: PollLoop.Token?

    /// Opens flash and port; the board does nothing before ``begin()``.
    /// - Throws: ``BoardError`` with code `flash` or `port`.
    public init(_ configuration: BoardConfiguration, loop: PollLoop) throws(BoardError) {
        var stuck: BoardFault.StuckBit?
        for case .stuckBit(let bit) in configuration.faults { stuck = bit }
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
        uart = BoardUART(pace: configuration.pace, baud: family.baud, faults: configuration.faults)
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
        let ending = program?.task
        program?.cancel()
        program = nil
        await ending?.value
        reset()
    }

    /// The state of everything that a reset clears.
    private func reset() {
        uart.reset(baud: family.baud)
        loaderModel = family.loader(configuration.identity, flash)
        if let watchdog { loop.arm(watchdog, at: nil) }
        if let timer { loop.arm(timer, at: nil) }
    }
}
