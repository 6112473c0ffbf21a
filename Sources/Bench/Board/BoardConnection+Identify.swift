import BoardProtocols

extension BoardConnection {
    /// Brings the board where it can say who it is, and reads that.
    ///
    /// - Parameters:
    ///   - limit: how long a running firmware may take until it answers; loaders have limits of their own.
    ///   - onEvent: called on the slot's thread; must not block.
    /// - Throws: ``LoaderError``, ``PowerError``.
    public func identify(
        within limit: Duration = .seconds(15), onEvent: @Sendable (FlashEvent) -> Void = { _ in }
    ) async throws -> BoardReading {
        reading = nil
        if case .application(let method) = options.method.kind {
            return try await identify(method, within: limit, onEvent: onEvent)
        }
        var rounds = 1
        while true {
            do {
                let loader = try await connect(onEvent: onEvent)
                var found = try loader.readBoard()
                if let address = options.tagAddress {
                    found.tag = try readTag(loader, address)
                }
                reading = found
                return found
            } catch let error as LoaderError where [.noise, .protocolError].contains(error.kind) && rounds < 3 {
                rounds += 1
                loader = nil
            }
        }
    }

    private func readTag(_ loader: any BoardLoader, _ address: UInt32) throws(LoaderError) -> String? {
        try UnitTag.agreed { () throws(LoaderError) in
            try loader.read(address, UnitTag.length).flatMap(UnitTag.read)
        }
    }

    /// True where the station itself can put the board into its loader.
    var canReset: Bool {
        switch power.control {
        case .none: false
        case .modemLines: link?.supportsModemLines ?? true
        case .command, .socket, .serial, .hubPort: true
        }
    }

    /// Brings the board into its loader and opens a session with it; with Espressif's at the ROM's rate, chip known.
    func connect(onEvent: (FlashEvent) -> Void) async throws -> any BoardLoader {
        switch options.method.kind {
        case .espressif: try await connect(usesPort: true, onEvent: onEvent, open: openEspressif)
        case .loader(let opening):
            try await connect(usesPort: opening.usesPort, freesPort: opening.freesPort, onEvent: onEvent) {
                link, _ throws(LoaderError) in
                try prepare(link, opening.parity)
                return try opening.open(link)
            }
        case .application(let method):
            try await connect(
                usesPort: method.writer?.usesPort ?? true, freesPort: method.writer?.freesPort ?? false,
                onEvent: onEvent
            ) {
                link, _ throws(LoaderError) in
                guard let writer = method.writer else {
                    throw LoaderError(.protocolError, "this board's firmware is not written by the station")
                }
                try prepare(link, writer.parity)
                return try writer.open(link)
            }
        }
    }

    /// Resets into the loader and opens a session, as often as the slot's control makes it worth while.
    private func connect(
        usesPort: Bool, freesPort: Bool = false, onEvent: (FlashEvent) -> Void,
        open: ((any BoardLink)?, Int) throws(LoaderError) -> any BoardLoader
    ) async throws -> any BoardLoader {
        loader = nil
        if usesPort {
            do {
                _ = try openLink()
            } catch let error as LoaderError where error.kind == .portLost && power.canPower {
                // Without power a USB board has no port.
                try await resetIntoLoader()
                _ = try openLink()
            }
        }
        let attempts = attemptCount
        for attempt in 1...attempts {
            onEvent(.connecting(attempt: attempt))
            do {
                try await enterLoader(attempt: attempt, onEvent: onEvent)
                if freesPort { dropLink() }
                bootText = []
                defer {
                    if !bootText.isEmpty { onEvent(.bootText(ConsoleLines.printable(bootText))) }
                }
                let loader = try open(usesPort ? try openLink() : nil, attempt)
                onEvent(.connected(chip: loader.chipName))
                self.loader = loader
                return loader
            } catch let error as LoaderError {
                if error.kind == .portLost, isExpectedBack {
                    dropLink()
                    if usesPort { try reopen() }
                }
                let again = [.noResponse, .noise, .protocolError, .portLost].contains(error.kind)
                guard again, attempt < attempts, error.kind != .portLost || link != nil || !usesPort else {
                    throw error
                }
            }
        }
        throw LoaderError(.noResponse, "the board does not answer")
    }

    /// The line as a loader wants it: at the rate at which loaders start.
    private func prepare(_ link: (any BoardLink)?, _ parity: SerialParity) throws(LoaderError) {
        guard let link else { return }
        try mapped { () throws(LinkError) in
            try link.setBaud(EspressifLoader.romBaud)
            try link.setParity(parity)
            try link.discardInput()
        }
    }

    /// At the ROM's rate, synchronised, chip known.
    private func openEspressif(
        _ link: (any BoardLink)?, _ attempt: Int
    ) throws(LoaderError) -> any BoardLoader {
        guard let link, case .espressif(let chip, let userBlock) = options.method.kind else {
            throw LoaderError(.portUnavailable, "\(port) is not open")
        }
        let loader = EspressifLoader(link: link, readsUserBlock: userBlock)
        try mapped { () throws(LinkError) in try loader.link.setBaud(startBaud(attempt)) }
        defer { bootText = loader.text }
        try loader.synchronise()
        try loader.detectChip(expected: chip)
        return loader
    }

    /// Lines are quick, so they get more attempts than a fixture; without either the board is where it is, and the
    /// attempts go through the rates at which an earlier session may have left it.
    var attemptCount: Int {
        switch power.control {
        case .modemLines: link?.supportsModemLines == true ? 7 : 3
        case .command, .socket, .serial, .hubPort: 3
        case .none: 3
        }
    }

    private func startBaud(_ attempt: Int) -> Int {
        canReset || attempt % 2 == 1 ? EspressifLoader.romBaud : options.lastGoodBaud ?? options.maxBaud
    }

    private func enterLoader(attempt: Int, onEvent: (FlashEvent) -> Void) async throws {
        switch power.control {
        case .none: break
        case .modemLines(let circuit):
            let link = try openLink()
            guard link.supportsModemLines else {
                if !saidNoLines { onEvent(.noModemLines) }
                saidNoLines = true
                return
            }
            expectBack()
            try mapped { () throws(LinkError) in
                try ModemLineReset(circuit: circuit, link: link).enterLoader(attempt: attempt)
            }
        case .command, .socket, .serial, .hubPort: try await resetIntoLoader()
        }
    }

    /// By command or fixture; one that refuses because no board is there says that the board is gone.
    private func resetIntoLoader() async throws {
        do {
            try await perform(.loader)
        } catch let error as PowerError {
            guard (try? await power.isBoardPresent()) != false else {
                throw LoaderError(.portLost, "the fixture has no board in the slot: \(error.sentence)")
            }
            throw error
        }
    }
}
