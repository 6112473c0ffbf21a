import BoardProtocols

extension BoardConnection {
    /// The rates to fall back to, highest first.
    static let bauds = [460_800, 230_400, 115_200]

    /// Writes and verifies a plan.
    ///
    /// Uses the session of ``identify(within:onEvent:)`` where it still lives. With Espressif's loader, when a rate fails
    /// after the change the board is reset and all is done again at the next lower one; regions already written are
    /// skipped.
    ///
    /// - Parameters:
    ///   - credential: for boards that take it through their running firmware; else it is a region of the plan.
    ///   - tag: the unit tag, for boards whose running firmware keeps it; else it is a region of the plan.
    ///   - beforeErase: gets the identity read on this connection just before the first erase and throws to leave the
    ///     board untouched. Called again where writing starts anew at a lower rate; not called where the board already
    ///     holds everything.
    ///   - onEvent: called on the slot's thread; must not block.
    /// - Throws: ``LoaderError``, ``PowerError``, and what `beforeErase` throws.
    public func flash(
        _ plan: FlashPlan, credential: ProductCredential? = nil, tag: String? = nil,
        beforeErase: @Sendable (BoardReading) async throws -> Void,
        onEvent: @Sendable (FlashEvent) -> Void = { _ in }
    ) async throws -> FlashReport {
        var work = FlashWork(plan: plan)
        switch options.method.kind {
        case .espressif: return try await flashSteppingDown(&work, beforeErase: beforeErase, onEvent: onEvent)
        case .loader:
            defer { work.account(for: loader) }
            let loader = try await session(onEvent: onEvent)
            return try await write(&work, loader, beforeErase: beforeErase, onEvent: onEvent)
        case .application(let method):
            return try await flash(
                &work, method, credential: credential, tag: tag, beforeErase: beforeErase, onEvent: onEvent)
        }
    }

    /// The loader session at hand, or a new one.
    func session(onEvent: (FlashEvent) -> Void) async throws -> any BoardLoader {
        if let loader, link?.isAlive ?? true { return loader }
        try Task.checkCancellation()
        return try await connect(onEvent: onEvent)
    }

    private func flashSteppingDown(
        _ work: inout FlashWork, beforeErase: (BoardReading) async throws -> Void, onEvent: (FlashEvent) -> Void
    ) async throws -> FlashReport {
        let highest = min(options.lastGoodBaud ?? options.maxBaud, options.maxBaud)
        let bauds = [highest] + Self.bauds.filter { $0 < highest }
        for (index, baud) in bauds.enumerated() {
            do {
                let loader = try await startSession(baud: baud, work: &work, onEvent: onEvent)
                return try await write(&work, loader, beforeErase: beforeErase, onEvent: onEvent)
            } catch let error as LoaderError {
                work.account(for: loader)
                loader = nil
                guard work.isPastSync, error.mayHealAtLowerBaud, canReset, index + 1 < bauds.count else { throw error }
                work.failedBauds.append(baud)
                onEvent(.steppedDown(from: baud, to: bauds[index + 1], reason: error.sentence))
            } catch {
                work.account(for: loader)
                throw error
            }
        }
        throw LoaderError(.baud, "no rate of \(bauds) works")
    }

    /// What one flash operation has gathered over its attempts.
    struct FlashWork {
        let plan: FlashPlan
        var failedBauds: [Int] = []
        var written: Set<String> = []
        var sent = 0
        var received = 0
        /// The loader answered at the ROM's rate: what fails later may be the rate's fault.
        var isPastSync = false

        mutating func account(for loader: (any BoardLoader)?) {
            guard let loader else { return }
            sent += loader.traffic.sent
            received += loader.traffic.received
        }

        func report(_ loader: any BoardLoader, before: BoardReading?, after: BoardReading) -> FlashReport {
            FlashReport(
                method: loader.method, baud: loader.baud, failedBauds: failedBauds,
                regions: plan.regions.map { region in
                    let image = region.padded
                    return FlashReport.Region(
                        name: region.name, offset: region.offset, size: image.count,
                        md5: Digest.hex(Digest.md5(image)), written: written.contains(region.name))
                }, before: before, after: after, bytesSent: sent, bytesReceived: received)
        }
    }

    /// A loader session at `baud`: the one at hand or a new one, with the stub where there is one.
    private func startSession(
        baud: Int, work: inout FlashWork, onEvent: (FlashEvent) -> Void
    ) async throws -> EspressifLoader {
        work.isPastSync = false
        let loader: EspressifLoader
        if let open = self.loader as? EspressifLoader, link?.isAlive == true,
            (try? open.readRegister(EspressifChip.magicRegister)) != nil
        {
            loader = open
        } else {
            try Task.checkCancellation()
            guard let opened = try await connect(onEvent: onEvent) as? EspressifLoader else {
                throw LoaderError(.protocolError, "the session is not with Espressif's loader")
            }
            loader = opened
        }
        work.isPastSync = true
        loader.method = try startStub(loader, onEvent: onEvent)
        try loader.changeBaud(to: baud)
        onEvent(.baud(baud))
        return loader
    }

    private func startStub(
        _ loader: EspressifLoader, onEvent: (FlashEvent) -> Void
    ) throws(LoaderError) -> FlashReport.Method {
        guard let chip = loader.chip else { throw LoaderError(.wrongChip, "the chip must be detected first") }
        func romOnly(_ reason: String) -> FlashReport.Method {
            onEvent(.romOnly(reason: reason))
            return .rom(reason: reason)
        }
        func running(_ name: String, _ sha256: String) -> FlashReport.Method {
            onEvent(.stub(name: name, sha256: sha256))
            return .stub(name: name, sha256: sha256)
        }
        if loader.isStub {
            // Only where the board cannot be reset: which file that stub came from is not known.
            guard let stub = loader.startedStub else {
                return running("\(chip.stubName), left running by an earlier session", "unknown")
            }
            return running(stub.name, stub.sha256)
        }
        guard let directory = options.stubDirectory else { return romOnly("no stub_directory is set") }
        guard let stub = try EspressifStub(directory: directory, chip: chip) else {
            return romOnly("stub_directory has no \(chip.stubName).json")
        }
        try loader.start(stub)
        return running(stub.name, stub.sha256)
    }

    /// Writes what differs and verifies it, with the identity read on both sides where the loader can tell it.
    func write(
        _ work: inout FlashWork, _ loader: any BoardLoader, beforeErase: (BoardReading) async throws -> Void,
        onEvent: (FlashEvent) -> Void
    ) async throws -> FlashReport {
        let plan = work.plan
        let flashID = try loader.prepareFlash(end: plan.end)
        var pending: [FlashRegion] = []
        for region in plan.regions {
            if plan.skipMatching || work.written.contains(region.name), try loader.holds(region) {
                onEvent(.skipped(region: region.name, bytes: region.padded.count))
            } else {
                pending.append(region)
            }
        }
        var before: BoardReading?
        if !pending.isEmpty {
            var found = try reread(loader)
            found.flashID = flashID
            before = found
            try await beforeErase(found)
            try Task.checkCancellation()
            guard self.loader === loader else {
                throw LoaderError(.noResponse, "the loader session has ended while the write was being prepared")
            }
        }
        try writeAndVerify(pending, loader, &work, onEvent: onEvent)
        var after = try reread(loader)
        after.flashID = flashID
        work.account(for: loader)
        return work.report(loader, before: before, after: after)
    }

    /// Writes all, then verifies all. A region of which a block was sent twice gets a second write when it does not
    /// verify: the loader may have taken the block twice. Any other mismatch is the flash chip's.
    func writeAndVerify(
        _ regions: [FlashRegion], _ loader: any BoardLoader, _ work: inout FlashWork, onEvent: (FlashEvent) -> Void
    ) throws(LoaderError) {
        var resent: Set<String> = []
        for region in regions {
            if try loader.write(region, onEvent: onEvent) { resent.insert(region.name) }
            work.written.insert(region.name)
        }
        for region in regions {
            do {
                try loader.verify(region, onEvent: onEvent)
            } catch {
                guard error.kind == .verifyMismatch, resent.contains(region.name) else { throw error }
                _ = try loader.write(region, onEvent: onEvent)
                try loader.verify(region, onEvent: onEvent)
            }
        }
    }

    /// Reads the board in the loader once more: just before it is booted. A board that only its firmware can identify is
    /// off then, and is read after the boot instead: nil.
    /// - Throws: ``LoaderError``; `otherBoard` where it is not the one read before, `portLost` where the session ended.
    public func confirm() throws -> BoardReading? {
        guard !options.method.isApplication else { return nil }
        guard let loader, link?.isAlive ?? true else {
            throw LoaderError(.portLost, "\(port) went away before the boot")
        }
        return try reread(loader)
    }

    /// Reads MAC, UID and, where the first reading had it, BLOCK3 again and compares with what this session read first.
    private func reread(_ loader: any BoardLoader) throws(LoaderError) -> BoardReading {
        let found = try loader.readBoard()
        guard let reading else {
            self.reading = found
            return found
        }
        try insistOnSame(found, as: reading)
        return found
    }

    /// - Throws: ``LoaderError`` `otherBoard`.
    func insistOnSame(_ found: BoardReading, as reading: BoardReading) throws(LoaderError) {
        guard !found.isSameBoard(as: reading) else { return }
        throw LoaderError(
            .otherBoard,
            "\(found.summary) was read, \(reading.summary) before: the board was changed or the line is damaged",
            expected: reading.summary, received: found.summary)
    }
}
