import BoardProtocols

extension DFULoader {
    /// Checks that the loader's memories reach as far as `end`; DFU 1.1 does not say how large they are.
    /// - Throws: ``LoaderError`` `flashChip`.
    public func prepareFlash(end: UInt64) throws(LoaderError) -> UInt32? {
        let session = try live()
        guard session.function.isDfuSe, end > 0 else { return nil }
        guard session.memories.values.contains(where: { $0.sectors(end - 1..<end) != nil }) else {
            throw LoaderError(
                .flashChip,
                "USB \(port): the release needs flash up to 0x\(String(end, radix: 16)), the loader's memory map ends "
                    + "before: check the order", expected: "0x" + String(end, radix: 16))
        }
        return nil
    }

    /// Whether the board may be read and holds the image.
    public func holds(_ region: FlashRegion) throws(LoaderError) -> Bool {
        let session = try live()
        let (alternate, address) = try place(region, in: session)
        guard isReadable(region, alternate: alternate, in: session) else { return false }
        return try placed(region) { () throws(LoaderError) in
            try firstDifference(region.padded, at: address, alternate: alternate) == nil
        }
    }

    /// Erases the region's sectors and writes its blocks. A board that left the bus meanwhile and is known to be the same
    /// is written once more from the region's beginning.
    ///
    /// - Returns: true where it was.
    /// - Throws: ``LoaderError`` `flashChip` where the memory map does not allow it, `blockWrite`, `eraseTimeout`,
    ///   `securityLocked`, `portLost`, `otherBoard`, with region and address.
    public func write(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) -> Bool {
        _ = try live()
        return try placed(region) { () throws(LoaderError) in
            do throws(LoaderError) {
                try writeOnce(region, onEvent: onEvent)
                return false
            } catch {
                guard error.kind == .portLost else { throw error }
                disconnect()
                try join(within: options.rejoin, lost: error)
                onEvent(
                    .retrying(
                        region: region.name, address: region.offset, attempt: 2,
                        reason: "the board left the bus and came back"))
                try writeOnce(region, onEvent: onEvent)
                return true
            }
        }
    }

    /// Compares flash and image, where the board may be read; see ``canReadBack``.
    public func verify(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) {
        onEvent(.verifying(region: region.name))
        let session = try live()
        let (alternate, address) = try place(region, in: session)
        try placed(region) { () throws(LoaderError) in
            guard isReadable(region, alternate: alternate, in: session) else {
                // The status after the last block was OK, or `write` would have failed; more cannot be known.
                try settleIdle()
                return
            }
            let image = region.padded
            if let offset = try firstDifference(image, at: address, alternate: alternate) {
                throw LoaderError(
                    .verifyMismatch, "USB \(port): flash does not hold what was written: the flash is suspect",
                    region: region.name, address: address &+ UInt32(offset), expected: Digest.hex(Digest.md5(image)))
            }
            onEvent(.verified(region: region.name, md5: Digest.hex(Digest.md5(image))))
        }
    }

    private func writeOnce(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) {
        let session = try current
        let (alternate, address) = try place(region, in: session)
        if session.function.isDfuSe {
            let sectors = try erasable(region, at: address, in: session, alternate: alternate)
            try select(alternate)
            onEvent(.erasing(region: region.name, bytes: sectors.reduce(0) { $0 + $1.range.count }))
            for sector in sectors {
                let start = UInt32(sector.range.lowerBound)
                try download(
                    DfuSeCommand.erase(start).bytes, block: 0, within: .seconds(40), isErase: true, address: start)
            }
            try download(DfuSeCommand.setPointer(address).bytes, block: 0, address: address)
            try sendBlocks(region, from: DfuSeCommand.firstBlock, address: address, session, onEvent)
            try settleIdle()
        } else {
            try select(alternate)
            try sendBlocks(region, from: 0, address: address, session, onEvent)
            try manifest(session, address: address)
        }
    }

    private func sendBlocks(
        _ region: FlashRegion, from first: UInt16, address: UInt32, _ session: Session, _ onEvent: (FlashEvent) -> Void
    ) throws(LoaderError) {
        let image = region.padded
        let size = Int(session.function.transferSize)
        guard image.count <= (Int(UInt16.max) - Int(first)) * size else {
            throw LoaderError(.protocolError, "USB \(port): the image needs more than 65535 blocks of \(size) bytes")
        }
        for offset in stride(from: 0, to: image.count, by: size) {
            let bytes = Array(image[offset..<min(image.count, offset + size)])
            // Erased flash reads FFh: such a block is there already. DFU 1.1 wants every block.
            if !session.function.isDfuSe || bytes.contains(where: { $0 != 0xFF }) {
                try download(bytes, block: first + UInt16(offset / size), address: address &+ UInt32(offset))
            }
            onEvent(.writing(region: region.name, sent: offset + bytes.count, total: image.count))
        }
    }

    /// Ends a DFU 1.1 download. A device that is not manifestation tolerant is reset and leaves the bus.
    private func manifest(_ session: Session, address: UInt32) throws(LoaderError) {
        let setup = DFURequest.download(interface: session.interface, block: 0, length: 0)
        _ = try request(setup, doing: "ending the image")
        for _ in 0..<500 {
            let report: DFUReport
            do {
                report = try self.report()
            } catch {
                guard !session.function.isManifestationTolerant, error.kind != .cancelled else { throw error }
                return try leave(session)
            }
            switch report.state {
            case .idle where report.status == .ok: return
            case .manifestWaitReset: return try leave(session)
            case .manifestSync, .manifest: if report.pollTimeout == .zero { try pause(.milliseconds(1)) }
            default: throw refusal(report, address: address)
            }
        }
        throw LoaderError(
            .blockWrite, "USB \(port): the loader does not come to an end with the image", address: address)
    }

    /// Resets the device and waits until it has left; the next operation finds it again, in its firmware or its loader.
    private func leave(_ session: Session) throws(LoaderError) {
        let address = session.handle.device.address
        do {
            try session.handle.reset()
        } catch {
            guard error == .gone else { throw failure(error, doing: "the reset after the image") }
        }
        disconnect()
        let end = ContinuousClock.now + .seconds(1)
        while bus.device(at: port)?.address == address, ContinuousClock.now < end { try pause(.milliseconds(20)) }
        try join(within: options.reenumeration, lost: nil)
    }
}
