import BoardProtocols

extension EspressifLoader {
    /// Reads flash: in streamed packets through the stub, 64 bytes at a time through the ROM.
    /// - Throws: ``LoaderError`` `noise` where the stub's own MD5 does not fit, and those of the exchange.
    public func readFlash(
        address: UInt32, size: Int, onProgress: (Int) -> Void = { _ in }
    ) throws(LoaderError) -> [UInt8] {
        try attachFlash()
        return try isStub
            ? readStreamed(address: address, size: size, onProgress: onProgress)
            : readSlowly(address: address, size: size, onProgress: onProgress)
    }

    func read(_ address: UInt32, _ count: Int) throws(LoaderError) -> [UInt8]? {
        try readFlash(address: address, size: count)
    }

    private func readSlowly(
        address: UInt32, size: Int, onProgress: (Int) -> Void
    ) throws(LoaderError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < size {
            let length = min(64, size - bytes.count)
            let request = EspressifRequest.readFlashSlow(
                offset: address + UInt32(bytes.count), length: UInt32(length))
            // The ROM fills its 64-byte buffer whatever the length asked for.
            let answer = try query(request, payload: length == 64 ? [64] : [length, 64])
            bytes += answer.payload.prefix(length)
            onProgress(bytes.count)
        }
        return bytes
    }

    private func readStreamed(
        address: UInt32, size: Int, onProgress: (Int) -> Void
    ) throws(LoaderError) -> [UInt8] {
        acceptAnyFrame(true)
        defer { acceptAnyFrame(false) }
        _ = try perform(.readFlash(offset: address, length: UInt32(size), packet: 0x1000, window: 64))
        var bytes: [UInt8] = []
        while bytes.count < size {
            guard let packet = try nextFrame(deadline: .now + EspressifTimeouts.command) else {
                throw LoaderError(
                    .noResponse, "reading stopped after \(bytes.count) of \(size) bytes", command: .readFlash,
                    address: address + UInt32(bytes.count))
            }
            bytes += packet
            guard bytes.count <= size, packet.count == 0x1000 || bytes.count == size else {
                throw LoaderError(
                    .noise, "a packet of \(packet.count) bytes came where 4096 were due", command: .readFlash,
                    address: address + UInt32(bytes.count))
            }
            _ = try send(
                SLIP.encode(LittleEndian.bytes(UInt32(bytes.count))), answerWithin: EspressifTimeouts.command)
            onProgress(bytes.count)
        }
        guard let digest = try nextFrame(deadline: .now + EspressifTimeouts.command), digest.count == 16 else {
            throw LoaderError(.noResponse, "the MD5 after reading flash did not come", command: .readFlash)
        }
        let computed = Digest.md5(bytes)
        guard digest == computed else {
            throw LoaderError(
                .noise, "flash contents were damaged on their way", command: .readFlash, address: address,
                expected: Digest.hex(digest), received: Digest.hex(computed))
        }
        return bytes
    }
}
