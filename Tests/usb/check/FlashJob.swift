import Bench

/// One session as the station makes it: identity, write what differs, verify, identity again.
struct FlashJob: Sendable {
    /// What a session did.
    struct Outcome: Sendable, Equatable {
        /// The UID that was read, as hex.
        var mark = ""
        var written: [String] = []
        var skipped: [String] = []
        /// Regions whose image was read back and is right.
        var verified: [String] = []
        /// Regions that were sent again after the board had left the bus.
        var resent: [String] = []
        var canReadBack = false
    }

    let bus: USBBus
    let port: USBBusPort
    var options: DFULoader.Options
    let regions: [FlashRegion]
    /// Refuses a board with another mark than this one.
    var expectedMark: String?
    /// Whether the firmware is started in the end.
    var finishes = false

    init(_ bed: CheckBed, _ board: SimulatedBoard, _ regions: [FlashRegion]) {
        (bus, port, options, self.regions) = (bed.bus, board.port, board.dialect.options, regions)
    }

    /// Blocks; belongs on a slot's thread.
    /// - Parameter onIdentity: gets the mark that was read, before anything is written.
    func run(
        onIdentity: (String) -> Void = { _ in }, onEvent: (FlashEvent) -> Void = { _ in }
    ) throws(LoaderError) -> Outcome {
        var outcome = Outcome()
        let loader = DFULoader(bus: bus, port: port, options: options)
        defer { loader.disconnect() }
        try loader.connect(onEvent: onEvent)
        let reading = try loader.readBoard()
        outcome.mark = reading.uidHex
        onIdentity(reading.uidHex)
        outcome.canReadBack = loader.canReadBack
        if let expectedMark, expectedMark != reading.uidHex {
            throw LoaderError(
                .otherBoard, "USB \(port): another board is plugged in than at the start", expected: expectedMark,
                received: reading.uidHex)
        }
        _ = try loader.prepareFlash(end: end)
        for region in regions {
            if try loader.holds(region) {
                outcome.skipped.append(region.name)
            } else {
                if try loader.write(region, onEvent: onEvent) { outcome.resent.append(region.name) }
                outcome.written.append(region.name)
            }
        }
        for region in regions {
            try loader.verify(region) { event in
                if case .verified(let name, _) = event { outcome.verified.append(name) }
                onEvent(event)
            }
        }
        guard try loader.readBoard().isSameBoard(as: reading) else {
            throw LoaderError(.otherBoard, "USB \(port): the board was exchanged while it was written")
        }
        if finishes { try loader.finish() }
        return outcome
    }

    private var end: UInt64 { regions.map { UInt64($0.offset) + UInt64($0.image.count) }.max() ?? 0 }
}
