import Glibc

extension SimulatedBoard {
    func watchPort() {
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
        uart.forgetPending()
        loop.setEvents(tokens[0], Int32(POLLIN))
    }

    private func portReady() {
        guard let descriptor = port.client else { return }
        switch descriptor.read(limit: 1 << 16) {
        case .later: break
        case .gone: return clientLeft()
        case .done(let bytes):
            if power != .off { uart.receive(bytes, clientBaud: port.clientBaud, now: .now) }
        }
        service()
    }

    /// Does what is due: bytes that have arrived, bytes that have left, and the next wake-up.
    func service() {
        if let (input, arrived) = uart.takeInput(now: .now) {
            switch power {
            case .loader: perform(loaderModel?.receive(input) ?? [], at: arrived)
            case .running:
                perform(program?.receive(input) ?? [], at: arrived)
                for event in program?.takeEvents() ?? [] { take(event) }
            case .off, .hung: break
            }
        }
        uart.sendDue()
        deliver()
        if let timer { loop.arm(timer, at: uart.nextDeadline(now: .now)) }
    }

    private func perform(_ actions: [WireAction], at moment: ContinuousClock.Instant) {
        let power = power
        for action in actions where self.power == power {
            switch action {
            case .send(let bytes): uart.answer(bytes, at: moment)
            case .sendAfter(let time, let bytes): uart.answer(bytes, after: time, at: moment)
            case .setBaud(let baud): uart.baud = baud
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
        uart.baud = family.baud
        loaderModel = family.loader(configuration.identity, flash)
    }

    private func deliver() {
        let client = portToken == nil ? nil : port.client
        switch uart.deliver(to: client, clientBaud: port.clientBaud) {
        case .nobody: break
        case .all: if let portToken { loop.setEvents(portToken, Int32(POLLIN)) }
        case .later: if let portToken { loop.setEvents(portToken, Int32(POLLIN | POLLOUT)) }
        case .gone: clientLeft()
        }
    }
}
