/// What runs on a board after a boot that found an application: the firmware's task with its network and its console, and the
/// model that answers the port in place of plain lines, where the family has one.
struct BoardProgram {
    /// The firmware; it ends after ``cancel()`` once its connections are gone.
    let task: Task<Void, Never>
    private let network: AsyncStream<Bool>.Continuation
    private var application: (any ApplicationModel)?
    /// The firmware's console, once it listens.
    private var console: (reader: ConsoleLineReader, lines: AsyncStream<ConsoleLineReader.Item>.Continuation)?

    /// Starts it.
    /// - Parameter uart: the board's, for this start alone.
    init(
        _ installed: InstalledFirmware, on configuration: BoardConfiguration, _ family: any BoardFamily,
        _ flash: FlashChip, uart: FirmwareUART
    ) {
        application = family.application(configuration.identity, flash, installed.version)
        let (changes, network) = AsyncStream.makeStream(of: Bool.self)
        self.network = network
        if !configuration.firmware.joinsNetwork { network.yield(true) }
        let firmware = Firmware(
            installed: installed, identity: configuration.identity, options: configuration.firmware,
            faults: configuration.faults, flash: flash,
            greeting: family.greeting(configuration.identity, version: installed.version), network: changes,
            setNetwork: { network.yield($0) })
        task = Task { await firmware.run(uart) }
    }

    /// Ends the firmware, its console and its network.
    mutating func cancel() {
        closeConsole()
        application = nil
        network.finish()
        task.cancel()
    }

    /// Whether there is a network now.
    func setNetwork(_ isJoined: Bool) { network.yield(isJoined) }

    /// Takes bytes from the port.
    /// - Returns: what a model answers; lines go to the console.
    mutating func receive(_ bytes: [UInt8]) -> [WireAction] {
        if application != nil { return application?.receive(bytes) ?? [] }
        for item in console?.reader.push(bytes) ?? [] { console?.lines.yield(item) }
        return []
    }

    /// What happened in the application since it was last asked.
    mutating func takeEvents() -> [ApplicationEvent] { application?.takeEvents() ?? [] }

    /// A printed line as it goes over the wire; nil for a plain one.
    mutating func bytes(printing line: String) -> [UInt8]? { application?.unsolicited(line) }

    /// What the firmware reads from now on.
    mutating func openConsole() -> AsyncStream<ConsoleLineReader.Item> {
        let (stream, lines) = AsyncStream.makeStream(
            of: ConsoleLineReader.Item.self, bufferingPolicy: .bufferingOldest(FirmwareConsole.backlog))
        closeConsole()
        console = (ConsoleLineReader(), lines)
        return stream
    }

    private mutating func closeConsole() {
        console?.lines.finish()
        console = nil
    }
}
