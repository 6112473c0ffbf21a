import BoardProtocols

extension ATFlashLoader {
    /// Erases the region, then writes it piece by piece. A piece whose result is not seen is read back; where flash
    /// does not hold it, its sector is erased and it is sent again, three times in all.
    /// - Returns: true where a piece had to be sent again.
    /// - Throws: ``LoaderError`` `eraseTimeout`, `blockWrite`, and those of the exchange, with region and address.
    public func write(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) -> Bool {
        let (partition, offset) = try place(region)
        let image = region.padded
        onEvent(.erasing(region: region.name, bytes: Int(region.erased.count)))
        try erase(partition, offset, Int(region.erased.count), region, region.offset)
        var resent = false
        for start in stride(from: 0, to: image.count, by: Self.piece) {
            let bytes = Array(image[start..<min(start + Self.piece, image.count)])
            if try writePiece(bytes, partition, offset + start, region, onEvent: onEvent) { resent = true }
            onEvent(.writing(region: region.name, sent: start + bytes.count, total: image.count))
        }
        return resent
    }

    private func erase(
        _ partition: ATParse.Partition, _ offset: Int, _ count: Int, _ region: FlashRegion, _ address: UInt32
    ) throws(LoaderError) {
        let limit = Self.eraseTimeout(bytes: count)
        for attempt in 1... {
            do {
                _ = try session.command(command(0, partition, offset, count), timeout: limit)
                return
            } catch {
                // Erasing twice does no harm.
                if attempt < 3, error.kind == .noise { continue }
                guard error.kind == .noResponse else { throw placed(error, region, address) }
                throw LoaderError(
                    .eraseTimeout,
                    "erasing \(count) bytes did not end within \(limit.components.seconds) s: check power and flash",
                    region: region.name, address: address)
            }
        }
    }

    /// Writes one piece; true where it had to be sent again.
    private func writePiece(
        _ bytes: [UInt8], _ partition: ATParse.Partition, _ offset: Int, _ region: FlashRegion,
        onEvent: (FlashEvent) -> Void
    ) throws(LoaderError) -> Bool {
        let address = UInt32(partition.address + offset)
        for attempt in 1... {
            do {
                _ = try session.send(command(1, partition, offset, bytes.count), data: bytes)
                return attempt > 1
            } catch {
                guard error.kind == .noise || error.kind == .noResponse else { throw placed(error, region, address) }
                guard attempt < 3 else {
                    throw LoaderError(
                        .blockWrite, "a piece was not taken three times: \(error.sentence)", region: region.name,
                        address: address)
                }
                onEvent(
                    .retrying(region: region.name, address: address, attempt: attempt + 1, reason: error.sentence))
            }
            if try read(partition, offset, bytes.count, region, address) == bytes { return true }
            try erase(partition, offset, Self.piece, region, address)
        }
        return true
    }
}
