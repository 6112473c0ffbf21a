extension SimulatedBoard {
    /// What is printed while nobody reads is dropped beyond this many bytes, as a UART's FIFO does.
    private static let consoleBacklog = 1 << 16
    /// A boot that found no valid image is repeated by the watchdog after this time.
    private static let watchdogPeriod = Duration.seconds(1)

    func boot() {
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
            program?.cancel()
            let uart = FirmwareUART(
                print: { [weak self] line in await self?.print(line, start: number) },
                listen: { [weak self] in await self?.openConsole(start: number) ?? AsyncStream { $0.finish() } })
            program = BoardProgram(installed, on: configuration, family, flash, uart: uart)
        }
    }

    /// The watchdog's reset.
    func bootAgain() {
        if power == .running, program == nil { boot() }
    }

    func print(_ line: String) {
        guard uart.backlog < Self.consoleBacklog else { return }
        uart.send(program?.bytes(printing: line) ?? Array("\(line)\r\n".utf8), at: .now)
        service()
    }

    private func print(_ line: String, start number: Int) {
        if number == start, power == .running { print(line) }
    }

    /// What the firmware of this start reads from now on; ended at once for one that was stopped.
    private func openConsole(start number: Int) -> AsyncStream<ConsoleLineReader.Item> {
        guard number == start, power == .running, let stream = program?.openConsole() else {
            return AsyncStream { $0.finish() }
        }
        return stream
    }

    /// Does what the running application wants.
    func take(_ event: ApplicationEvent) {
        switch event {
        case .joined: program?.setNetwork(true)
        case .left: program?.setNetwork(false)
        case .reset:
            let number = start
            Task { if number == start { await run() } }
        }
    }
}
