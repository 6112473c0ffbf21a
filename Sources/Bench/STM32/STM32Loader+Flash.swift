import BoardProtocols

extension STM32Loader {
    /// Reads the flash size and checks that flash reaches as far as the address `end`.
    /// - Returns: nil: there is no separate flash chip.
    /// - Throws: ``LoaderError`` `flashChip`, and those of the exchange.
    public func prepareFlash(end: UInt64) throws(LoaderError) -> UInt32? {
        let part = if let part { part } else { try detectChip() }
        let size = try readFlashSize(part)
        flashKiB = size
        let limit = part.pages(flashKiB: size).last?.range.upperBound ?? UInt64(STM32Part.flashBase)
        guard end <= limit else {
            throw LoaderError(
                .flashChip,
                "the release ends at 0x\(String(end, radix: 16)), the \(part.name) with \(size) KiB may be written up "
                    + "to 0x\(String(limit, radix: 16)): check the order",
                expected: String(end), received: String(limit))
        }
        return nil
    }

    /// The size register, read as the word around it.
    private func readFlashSize(_ part: STM32Part) throws(LoaderError) -> Int {
        let shift = Int(part.sizeRegister % 4)
        for _ in 0..<3 {
            let first = try readMemory(part.sizeRegister & ~3, 4)
            guard try readMemory(part.sizeRegister & ~3, 4) == first else { continue }
            let size = Int(first[shift]) | Int(first[shift + 1]) << 8
            guard (1...part.largest).contains(size) else {
                throw LoaderError(
                    .flashChip,
                    "the flash size register says \(size) KiB, expected 1 to \(part.largest) on an "
                        + part.name, address: part.sizeRegister, expected: "1 to \(part.largest)",
                    received: String(size))
            }
            return size
        }
        throw LoaderError(.noise, "readings of the flash size differ: check cable, rate and parity (8E1)")
    }

    /// The pages that the region's image lies on. They must not reach beyond what the plan took into account.
    func pages(of region: FlashRegion) throws(LoaderError) -> [STM32Part.Page] {
        if flashKiB == nil { _ = try prepareFlash(end: 0) }
        guard let part, let flashKiB else { throw LoaderError(.wrongChip, "the chip must be detected first") }
        let wanted = UInt64(region.offset)..<UInt64(region.offset) + UInt64(region.image.count)
        let pages = part.pages(flashKiB: flashKiB).filter { $0.range.overlaps(wanted) }
        guard let first = pages.first, let last = pages.last, first.range.lowerBound <= wanted.lowerBound,
            last.range.upperBound >= wanted.upperBound
        else {
            throw LoaderError(
                .flashChip, "the region does not lie in the \(part.name)'s flash of \(flashKiB) KiB: check the release",
                region: region.name, address: region.offset)
        }
        let erases = first.range.lowerBound..<last.range.upperBound
        guard region.erased.lowerBound <= erases.lowerBound, region.erased.upperBound >= erases.upperBound else {
            func text(_ range: Range<UInt64>) -> String {
                "0x\(String(range.lowerBound, radix: 16)) to 0x\(String(range.upperBound, radix: 16))"
            }
            throw LoaderError(
                .flashChip,
                "writing the region would erase \(text(erases)), the plan allows \(text(region.erased)): give the "
                    + "region the sector size the \(part.name) has there", region: region.name, address: region.offset,
                expected: text(region.erased), received: text(erases))
        }
        return pages
    }

    /// Whether flash already holds the region's image, by reading back up to the first difference.
    public func holds(_ region: FlashRegion) throws(LoaderError) -> Bool {
        _ = try pages(of: region)
        return try differs(region.padded, from: region.offset) == nil
    }

    /// Reads the whole region back and compares; a difference counts once two readings agree on it.
    /// - Throws: ``LoaderError`` `verifyMismatch` with the first address that differs and both bytes, `noise`, and
    ///   those of the exchange.
    public func verify(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) {
        onEvent(.verifying(region: region.name))
        let image = region.padded
        do throws(LoaderError) {
            if let found = try differs(image, from: region.offset) {
                let expected = Digest.hex([image[found.index]])
                throw LoaderError(
                    .verifyMismatch,
                    "flash holds \(Digest.hex([found.byte])), the image has \(expected): the chip's flash is suspect",
                    region: region.name, address: region.offset + UInt32(found.index), expected: expected,
                    received: Digest.hex([found.byte]))
            }
        } catch {
            throw error.at(region.offset, in: region)
        }
        onEvent(.verified(region: region.name, md5: Digest.hex(Digest.md5(image))))
    }

    /// The first byte of flash from `address` that is not the image's; nil where all are.
    private func differs(
        _ image: [UInt8], from address: UInt32
    ) throws(LoaderError) -> (index: Int, byte: UInt8)? {
        for start in stride(from: 0, to: image.count, by: STM32Frame.block) {
            let wanted = Array(image[start..<min(start + STM32Frame.block, image.count)])
            let found = try readAgreeing(with: wanted, at: address + UInt32(start))
            if let index = wanted.indices.first(where: { wanted[$0] != found[$0] }) {
                return (start + index, found[index])
            }
        }
        return nil
    }

    /// A reading that is as wanted, or that came twice in a row.
    func readAgreeing(with wanted: [UInt8], at address: UInt32) throws(LoaderError) -> [UInt8] {
        var last: [UInt8]?
        for _ in 0..<5 {
            let found = try readMemory(address, wanted.count)
            if found == wanted || found == last { return found }
            last = found
        }
        throw LoaderError(
            .noise, "five readings of one block differ from each other: check cable, rate, parity (8E1) and power",
            address: address)
    }
}
