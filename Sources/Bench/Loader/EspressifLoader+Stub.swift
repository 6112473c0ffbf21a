import BoardProtocols

extension EspressifLoader {
    /// Bytes of a block that goes to RAM.
    private var memoryBlock: Int { chip?.memoryBlock ?? 0x800 }
    /// What the stub says when it has started: `OHAI`.
    static let greeting: [UInt8] = [0x4F, 0x48, 0x41, 0x49]

    /// Loads the stub into RAM and starts it; does nothing where one is running.
    ///
    /// A damaged upload (reason 0107, seen with weak power and long cables) is repeated as a whole, three tries in all.
    /// - Throws: ``LoaderError`` `stub`, and those of the exchange.
    public func start(_ stub: EspressifStub) throws(LoaderError) {
        guard !isStub else { return }
        var tries = 1
        while true {
            do {
                for piece in stub.pieces { try upload(piece) }
                break
            } catch {
                let heals = error.reason.map(LoaderError.isTransmission) ?? [.noise, .noResponse].contains(error.kind)
                guard heals, tries < 3 else { throw error.reason == nil ? error : Self.stubFailure(error) }
                tries += 1
                try drainUntilQuiet()
            }
        }
        try run(entry: stub.entry)
        isStub = true
        startedStub = stub
        spiReady = true
    }

    private static func stubFailure(_ error: LoaderError) -> LoaderError {
        LoaderError(
            .stub, "the stub could not be loaded into RAM (\(error.sentence)): check power and cable",
            command: error.command, reason: error.reason)
    }

    private func upload(_ piece: ESPImage.Segment) throws(LoaderError) {
        let blocks = (piece.data.count + memoryBlock - 1) / memoryBlock
        _ = try perform(
            .memoryBegin(
                size: UInt32(piece.data.count), blocks: UInt32(blocks), blockSize: UInt32(memoryBlock),
                address: piece.address))
        for sequence in 0..<blocks {
            let start = sequence * memoryBlock
            let end = min(start + memoryBlock, piece.data.count)
            _ = try perform(.memoryData(sequence: UInt32(sequence), Array(piece.data[start..<end])))
        }
    }

    /// MEM_END and the greeting. The ROM may start the code before it answers, so silence is no failure there.
    private func run(entry: UInt32) throws(LoaderError) {
        try drain()
        let deadline = try send(EspressifRequest.memoryEnd(entry: entry).frame, answerWithin: EspressifTimeouts.command)
        while let frame = try nextFrame(deadline: deadline) {
            if frame == Self.greeting { return }
            if let response = try? EspressifResponse(parsing: frame),
                response.operation == EspressifCommand.memoryEnd.rawValue
            {
                do { _ = try response.payload(length: 0) } catch {
                    guard case .refused(let reason) = error else { continue }
                    throw LoaderError(
                        .stub, "the ROM refused to start the stub: \(reason)", command: .memoryEnd, reason: reason)
                }
            }
        }
        throw LoaderError(
            .stub, "the stub was loaded but did not greet: check the board's power", command: .memoryEnd,
            expected: "OHAI")
    }
}
