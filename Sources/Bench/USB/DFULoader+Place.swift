import BoardProtocols

extension DFULoader {
    /// Where a region goes: alternate setting, and address with DfuSe.
    /// - Throws: ``LoaderError`` `flashChip` where no memory holds it; `protocolError` where DFU 1.1 is given an offset
    ///   for a region that no alternate setting is named for.
    func place(_ region: FlashRegion, in session: Session) throws(LoaderError) -> (alternate: UInt8, address: UInt32) {
        let range = UInt64(region.offset)..<UInt64(region.offset) + UInt64(region.padded.count)
        let named = options.alternates[region.name]
        guard session.function.isDfuSe else {
            guard let named else {
                guard region.offset == 0 else {
                    throw LoaderError(
                        .protocolError,
                        "USB \(port): DFU 1.1 has no addresses: name the alternate setting of region \(region.name)",
                        region: region.name, address: region.offset)
                }
                return (0, 0)
            }
            return (named, 0)
        }
        let fitting = session.memories.filter { $0.value.sectors(range) != nil }.keys
        guard let alternate = named ?? fitting.min(), fitting.contains(alternate) else {
            throw LoaderError(
                .flashChip, "USB \(port): region \(region.name) lies outside the memories that the loader names",
                region: region.name, address: region.offset)
        }
        return (alternate, region.offset)
    }

    func isReadable(_ region: FlashRegion, alternate: UInt8, in session: Session) -> Bool {
        guard session.function.canUpload else { return false }
        guard session.function.isDfuSe else { return true }
        let range = UInt64(region.offset)..<UInt64(region.offset) + UInt64(region.padded.count)
        return session.memories[alternate]?.isReadable(range) ?? false
    }

    /// The sectors to erase: all of them erasable and writable, and none with a byte that the plan does not count as the
    /// region's.
    func erasable(
        _ region: FlashRegion, at address: UInt32, in session: Session, alternate: UInt8
    ) throws(LoaderError) -> [DfuSeMemory.Sector] {
        let range = UInt64(address)..<UInt64(address) + UInt64(region.padded.count)
        let sectors = session.memories[alternate]?.sectors(range) ?? []
        for sector in sectors {
            let start = UInt32(sector.range.lowerBound)
            guard sector.run.isErasable, sector.run.isWritable else {
                throw LoaderError(
                    .flashChip,
                    "USB \(port): the loader does not let the sector be erased and written: check the region's address",
                    region: region.name, address: start)
            }
            guard region.erased.lowerBound <= sector.range.lowerBound,
                sector.range.upperBound <= region.erased.upperBound
            else {
                throw LoaderError(
                    .flashChip,
                    "USB \(port): the sector of \(sector.range.count) bytes reaches beyond what the plan erases: give "
                        + "the region a sector of \(sector.range.count) bytes and an address where one starts",
                    region: region.name, address: start)
            }
        }
        return sectors
    }

    /// Puts region and address to an error that has none.
    func placed<R>(_ region: FlashRegion, _ body: () throws(LoaderError) -> R) throws(LoaderError) -> R {
        do {
            return try body()
        } catch {
            var error = error
            error.region = error.region ?? region.name
            error.address = error.address ?? region.offset
            throw error
        }
    }
}
