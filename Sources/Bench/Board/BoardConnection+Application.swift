/// Boards of which only the running firmware says who they are: modules with a command set, and boards whose loader cannot
/// tell.
///
/// While such a board is in its loader an unbroken chain stands in for a reading: the same port, back within the time a
/// power action allows, the identity read before and again after. Source: product description, "flash + verify".
extension BoardConnection {
    /// Boots the board and asks its firmware.
    func identify(
        _ method: ApplicationMethod, within limit: Duration, onEvent: (FlashEvent) -> Void
    ) async throws -> BoardReading {
        onEvent(.connecting(attempt: 1))
        var found = try await start(method, within: limit)
        found.tag = try method.tag?.read(try consoleLink())
        onEvent(.connected(chip: found.chip))
        reading = found
        return found
    }

    /// Reads the identity of a board that runs: after the power cycle, before it is given the line's network.
    /// - Throws: ``LoaderError``; `otherBoard` where it is not the one read before.
    /// - Returns: nil for boards whose loader was asked instead.
    public func confirmRunning(within limit: Duration) throws -> BoardReading? {
        guard case .application(let method) = options.method.kind else { return nil }
        let found = try method.reader.read(try consoleLink(), within: limit)
        if let reading { try insistOnSame(found, as: reading) }
        return found
    }

    /// Leaves the board where it cannot connect to anything: in its loader, where it is already, or switched off.
    /// - Throws: ``PowerError`` `unavailable` where the slot's control cannot do it; ``LoaderError``.
    public func rest() async throws {
        guard options.method.isApplication else { return }
        if case .none = power.control {
            throw PowerError(
                .unavailable, action: PowerAction.off.rawValue,
                "the slot has no control that switches its board off, and this board connects by itself")
        }
        try await perform(.off)
    }

    /// Writes flash and credential of such a board, and switches it off: from here to the boot it cannot connect.
    func flash(
        _ work: inout FlashWork, _ method: ApplicationMethod, credential: ProductCredential?, tag: String?,
        beforeErase: (BoardReading) async throws -> Void, onEvent: (FlashEvent) -> Void
    ) async throws -> FlashReport {
        let limit = options.answerLimit
        var chain = try PortChain(port)
        let before = try method.reader.read(try consoleLink(), within: limit)
        if let reading { try insistOnSame(before, as: reading) }
        reading = before
        try await beforeErase(before)
        try Task.checkCancellation()
        // What was read must be what is written: a port that went meanwhile is not opened again.
        try insistOnLink()
        try chain.insistUnbroken()
        var writer: (any BoardLoader)?
        if let opening = method.writer, !work.plan.regions.isEmpty {
            writer = try await writeRegions(&work, method, opening, &chain, onEvent: onEvent)
            if method.needsLoader {
                // Only what answers now as the same board takes the credential.
                let found = try await start(method, within: limit)
                try chain.acceptReenumeration()
                try insistOnSame(found, as: before)
            }
        }
        if let way = method.credential, let credential {
            try hand(credential, way, to: try consoleLink(), onEvent: onEvent)
        }
        if let way = method.tag, let tag { try way.write(try consoleLink(), tag) }
        let after = try method.reader.read(try consoleLink(), within: limit)
        try insistOnSame(after, as: before)
        work.account(for: writer)
        let loader = try writer ?? CommandsOnly(link: consoleLink())
        let report = work.report(loader, before: before, after: after)
        try await rest()
        return report
    }

    /// Gives the product credential to the running firmware.
    /// - Throws: ``LoaderError``; `credentialRefused` where the firmware does not take it.
    private func hand(
        _ credential: ProductCredential, _ way: any ApplicationCredential, to link: any BoardLink,
        onEvent: (FlashEvent) -> Void
    ) throws(LoaderError) {
        let name = "credential"
        onEvent(.writing(region: name, sent: 0, total: 1))
        do {
            if try way.write(link, credential) {
                onEvent(.writing(region: name, sent: 1, total: 1))
            } else {
                onEvent(.skipped(region: name, bytes: 1))
            }
        } catch {
            guard error.kind == .protocolError else { throw error }
            throw LoaderError(.credentialRefused, error.sentence, region: name)
        }
    }

    /// - Throws: ``LoaderError`` `portLost` where the board's port went since its identity was read.
    private func insistOnLink() throws(LoaderError) {
        guard let link, link.isAlive else {
            throw LoaderError(.portLost, "\(port) went away between the identity reading and the write")
        }
    }

    /// Writes what differs, with the chain looked at before each region.
    private func writeRegions(
        _ work: inout FlashWork, _ method: ApplicationMethod, _ opening: any LoaderOpening, _ chain: inout PortChain,
        onEvent: (FlashEvent) -> Void
    ) async throws -> any BoardLoader {
        let loader: any BoardLoader
        if method.needsLoader {
            loader = try await connect(onEvent: onEvent)
            try chain.acceptReenumeration()
        } else {
            loader = try opening.open(try consoleLink())
        }
        _ = try loader.prepareFlash(end: work.plan.end)
        var pending: [FlashRegion] = []
        for region in work.plan.regions {
            try chain.insistUnbroken()
            if work.plan.skipMatching, try loader.holds(region) {
                onEvent(.skipped(region: region.name, bytes: region.padded.count))
            } else {
                pending.append(region)
            }
        }
        for region in pending {
            try chain.insistUnbroken()
            try writeAndVerify([region], loader, &work, onEvent: onEvent)
        }
        try chain.insistUnbroken()
        try loader.finish()
        return loader
    }

    /// Boots into the firmware and waits until it says who it is.
    private func start(_ method: ApplicationMethod, within limit: Duration) async throws -> BoardReading {
        try await perform(.run)
        let deadline = ContinuousClock.now + limit
        while true {
            do {
                return try method.reader.read(try consoleLink(), within: deadline - .now)
            } catch let error as LoaderError {
                // The port may come back only after the reset.
                guard error.kind == .portLost, isExpectedBack, ContinuousClock.now < deadline else { throw error }
                dropLink()
                try reopen()
            }
        }
    }
}

/// Stands for the loader in the report of a board that only took commands.
private final class CommandsOnly: BoardLoader {
    private let link: any BoardLink

    init(link: any BoardLink) { self.link = link }

    var traffic: (sent: Int, received: Int) { (0, 0) }
    var baud: Int { link.baud }
    var method: FlashReport.Method { .loader(name: "commands of the running firmware", version: "") }
    var readsIdentity: Bool { true }
    func readBoard() throws(LoaderError) -> BoardReading { throw refusal }
    func prepareFlash(end: UInt64) throws(LoaderError) -> UInt32? { throw refusal }
    func holds(_ region: FlashRegion) throws(LoaderError) -> Bool { throw refusal }
    func write(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) -> Bool { throw refusal }
    func verify(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) { throw refusal }

    private var refusal: LoaderError { LoaderError(.protocolError, "this board's flash is not written by the station") }
}
