import BoardProtocols

extension EspressifLoader {
    /// Bytes a compressed block holds: the stub's buffer, or the ROM's.
    var flashBlock: Int { isStub ? 0x4000 : 0x400 }

    /// Prepares the flash chip for writing and checks that the plan fits it.
    /// - Returns: the flash chip's id, or nil where it cannot be read.
    /// - Throws: ``LoaderError`` `flashChip`, `stub` where the chip's ROM cannot write verifiably, and those of the
    ///   exchange.
    public func prepareFlash(end: UInt64) throws(LoaderError) -> UInt32? {
        try requireStubWhereNeeded()
        try attachFlash()
        let id = try readFlashID()
        let size = id.flatMap(Self.flashSize) ?? 16 << 20
        guard end <= UInt64(size) else {
            throw LoaderError(
                .flashChip, "the release needs \(end) bytes of flash, the chip has \(size): check the order",
                expected: String(end), received: String(size))
        }
        _ = try query(.spiSetParameters(size: UInt32(size)))
        return id
    }

    /// The loader's MD5 over a range of flash.
    public func flashMD5(address: UInt32, size: Int) throws(LoaderError) -> [UInt8] {
        let answer = try query(
            .flashMD5(address: address, size: UInt32(size)), timeout: EspressifTimeouts.md5(bytes: size),
            payload: isStub ? [16] : [32])
        guard answer.payload.count == 32 else { return answer.payload }
        let digits = answer.payload.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 32 else {
            throw LoaderError(.noise, "the ROM's MD5 holds other characters than hex digits", command: .spiFlashMD5)
        }
        return stride(from: 0, to: 32, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// True where flash already holds the region's image.
    public func holds(_ region: FlashRegion) throws(LoaderError) -> Bool {
        let image = region.padded
        return try flashMD5(address: region.offset, size: image.count) == Digest.md5(image)
    }

    /// Erases and writes one region, compressed, block by block, three tries a block. Says nothing about what flash
    /// holds afterwards: ``verify(_:onEvent:)`` does.
    ///
    /// - Returns: true where a block had to be sent again.
    /// - Throws: ``LoaderError`` `eraseTimeout`, `blockWrite` with the address, and those of the exchange.
    @discardableResult
    public func write(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) -> Bool {
        let image = region.padded
        let deflated = try Deflate(image, blockSize: flashBlock)
        onEvent(.erasing(region: region.name, bytes: Int(region.erased.count)))
        try beginWrite(region, size: image.count, blocks: deflated.blocks.count)

        var written = 0
        var resent = false
        for (sequence, block) in deflated.blocks.enumerated() {
            let address = region.offset + UInt32(written)
            let request = EspressifRequest.flashData(
                deflate: true, sequence: UInt32(sequence), block.compressed)
            if try send(request, bytes: block.uncompressedCount, at: address, in: region, onEvent: onEvent) > 1 {
                resent = true
            }
            written += block.uncompressedCount
            onEvent(.writing(region: region.name, sent: written, total: image.count))
        }
        if isStub {
            // The stub answers a block before it is in flash: one more answer comes only after the last one is.
            let last = deflated.blocks.last?.uncompressedCount ?? 0
            _ = try query(
                .readRegister(EspressifChip.magicRegister), timeout: EspressifTimeouts.write(bytes: max(last, 65536)))
        }
        return resent
    }

    private func beginWrite(_ region: FlashRegion, size: Int, blocks: Int) throws(LoaderError) {
        // The ROM erases here and wants whole blocks; the stub erases while it writes.
        let announced = isStub ? size : (size + flashBlock - 1) / flashBlock * flashBlock
        let request = EspressifRequest.flashBegin(
            deflate: true, size: UInt32(announced), blocks: UInt32(blocks), blockSize: UInt32(flashBlock),
            offset: region.offset, extended: isStub || chip?.extendedFlashBegin ?? true)
        let limit = isStub ? EspressifTimeouts.command : EspressifTimeouts.erase(bytes: size)
        var tries = 1
        while true {
            do {
                _ = try perform(request, timeout: limit)
                return
            } catch {
                let damaged = error.kind == .noise || error.reason.map(LoaderError.isTransmission) ?? false
                guard damaged, tries < 3 else { throw eraseFailure(error, region, size: size, limit: limit) }
                tries += 1
                try drainUntilQuiet()
            }
        }
    }

    private func eraseFailure(
        _ error: LoaderError, _ region: FlashRegion, size: Int, limit: Duration
    ) -> LoaderError {
        guard error.kind == .noResponse else { return Self.placed(error, region, region.offset) }
        return LoaderError(
            .eraseTimeout,
            "erasing \(size) bytes did not end within \(limit.components.seconds) s: check power and flash chip",
            command: .flashDeflateBegin, region: region.name, address: region.offset)
    }

    /// Sends one block until the loader takes it; returns the number of tries.
    private func send(
        _ request: EspressifRequest, bytes: Int, at address: UInt32, in region: FlashRegion,
        onEvent: (FlashEvent) -> Void
    ) throws(LoaderError) -> Int {
        var tries = 1
        while true {
            do {
                _ = try perform(request, timeout: EspressifTimeouts.write(bytes: bytes))
                return tries
            } catch {
                guard [.noResponse, .noise, .protocolError].contains(error.kind) else {
                    throw Self.placed(error, region, address)
                }
                guard tries < 3 else {
                    throw LoaderError(
                        .blockWrite, "a block was refused three times: \(error.sentence)", command: request.command,
                        region: region.name, address: address, reason: error.reason)
                }
                tries += 1
                onEvent(
                    .retrying(region: region.name, address: address, attempt: tries, reason: error.sentence))
                try drainUntilQuiet(.milliseconds(100))
            }
        }
    }

    /// Compares the loader's MD5 over the region with the image's.
    /// - Throws: ``LoaderError`` `verifyMismatch` with both digests, and those of the exchange.
    public func verify(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) {
        onEvent(.verifying(region: region.name))
        let image = region.padded
        let expected = Digest.hex(Digest.md5(image))
        let received: String
        do {
            received = Digest.hex(try flashMD5(address: region.offset, size: image.count))
        } catch {
            throw Self.placed(error, region, region.offset)
        }
        guard received == expected else {
            throw LoaderError(
                .verifyMismatch, "flash holds MD5 \(received), the image has \(expected): the flash chip is suspect",
                command: .spiFlashMD5, region: region.name, address: region.offset, expected: expected,
                received: received)
        }
        onEvent(.verified(region: region.name, md5: expected))
    }

    private static func placed(_ error: LoaderError, _ region: FlashRegion, _ address: UInt32) -> LoaderError {
        var error = error
        error.region = error.region ?? region.name
        error.address = error.address ?? address
        return error
    }
}
