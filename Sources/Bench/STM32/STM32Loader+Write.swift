import BoardProtocols

extension STM32Loader {
    /// Erases the region's pages, one at a time, and writes the image in blocks of 256 bytes, three tries a block.
    ///
    /// A page that holds its part of the image is left alone. One that holds the beginning and is blank after it, as an
    /// interrupted write leaves it, is written from the first block that differs. Blocks of nothing but FFh are what
    /// erasing leaves and are not sent. Says nothing about what flash holds afterwards: ``verify(_:onEvent:)`` does.
    ///
    /// - Returns: true where a block had to be sent again.
    /// - Throws: ``LoaderError`` `flashChip` where the pages reach beyond the plan, `eraseTimeout`, `blockWrite` with
    ///   the address, `securityLocked`, and those of the exchange.
    @discardableResult
    public func write(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) -> Bool {
        let pages = try pages(of: region)
        let unit = part?.writeUnit ?? 4
        let image = region.image + [UInt8](repeating: 0xFF, count: (unit - region.image.count % unit) % unit)
        onEvent(.erasing(region: region.name, bytes: pages.reduce(0) { $0 + $1.range.count }))
        var resent = false
        for page in pages {
            let start = Int(page.range.lowerBound - UInt64(region.offset))
            let end = min(Int(page.range.upperBound - UInt64(region.offset)), image.count)
            let first: Int
            do throws(LoaderError) {
                first = try prepare(page, Array(image[start..<end]), in: region)
            } catch {
                throw error.at(UInt32(page.range.lowerBound), in: region)
            }
            for position in stride(from: start + first, to: end, by: STM32Frame.block) {
                let block = Array(image[position..<min(position + STM32Frame.block, end)])
                if try write(block, at: region.offset + UInt32(position), in: region, onEvent: onEvent) {
                    resent = true
                }
                onEvent(
                    .writing(
                        region: region.name, sent: min(position + block.count, region.padded.count),
                        total: region.padded.count))
            }
            if first == end - start {
                onEvent(
                    .writing(
                        region: region.name, sent: min(end, region.padded.count), total: region.padded.count))
            }
        }
        return resent
    }

    /// Erases the page unless it holds a beginning of `wanted` with nothing after it.
    /// - Returns: how many bytes of `wanted` the page holds, a multiple of the block size, or all.
    private func prepare(
        _ page: STM32Part.Page, _ wanted: [UInt8], in region: FlashRegion
    ) throws(LoaderError) -> Int {
        let held = resumes ? try heldBytes(page, wanted) : 0
        if held == 0 { try erase(page, in: region) }
        return held
    }

    private func heldBytes(_ page: STM32Part.Page, _ wanted: [UInt8]) throws(LoaderError) -> Int {
        let base = UInt32(page.range.lowerBound)
        var held: Int?
        for start in stride(from: 0, to: wanted.count, by: STM32Frame.block) {
            let block = Array(wanted[start..<min(start + STM32Frame.block, wanted.count)])
            if held == nil {
                let found = try readAgreeing(with: block, at: base + UInt32(start))
                if found == block { continue }
                guard start > 0, found.allSatisfy({ $0 == 0xFF }) else { return 0 }
                held = start
            } else {
                let blank = [UInt8](repeating: 0xFF, count: block.count)
                guard try readAgreeing(with: blank, at: base + UInt32(start)) == blank else { return 0 }
            }
        }
        return held ?? wanted.count
    }

    /// Erases one page; one a command, so that a damaged frame can name no other page without its check byte failing.
    private func erase(_ page: STM32Part.Page, in region: FlashRegion) throws(LoaderError) {
        let wide = info?.knows(.extendedErase) ?? false
        let frame: [UInt8]
        if wide {
            frame = STM32Frame.extendedErase([page.number])
        } else {
            guard let number = UInt8(exactly: page.number), number < 0xFF else {
                throw LoaderError(
                    .protocolError, "the loader names pages with one byte and cannot erase page \(page.number)")
            }
            frame = STM32Frame.erase([number])
        }
        let limit = STM32Timeouts.erase(bytes: page.range.count)
        try attempt { () throws(LoaderError) in
            try order(wide ? .extendedErase : .erase)
            do throws(LoaderError) {
                guard try step("erase", frame, next: .command, within: limit) else {
                    throw LoaderError(
                        .protocolError, "the loader refused to erase page \(page.number): it may be write-protected")
                }
            } catch {
                guard error.kind == .noResponse else { throw error }
                throw LoaderError(
                    .eraseTimeout,
                    "erasing page \(page.number) (\(page.range.count) bytes) did not end within "
                        + "\(limit.components.seconds) s: check power, then reset the board into its loader")
            }
        }
    }

    /// Writes one block; returns true where it had to be sent again.
    private func write(
        _ block: [UInt8], at address: UInt32, in region: FlashRegion, onEvent: (FlashEvent) -> Void
    ) throws(LoaderError) -> Bool {
        guard !block.allSatisfy({ $0 == 0xFF }) else { return false }
        var tries = 1
        while true {
            do throws(LoaderError) {
                try writeOnce(block, at: address)
                return tries > 1
            } catch {
                guard [.noResponse, .noise, .protocolError, .securityLocked].contains(error.kind) else {
                    throw error.at(address, in: region)
                }
                guard tries < 3 else {
                    if error.kind == .securityLocked { throw error.at(address, in: region) }
                    throw LoaderError(
                        .blockWrite, "a block was not taken in three tries: \(error.sentence)", region: region.name,
                        address: address)
                }
                tries += 1
                onEvent(.retrying(region: region.name, address: address, attempt: tries, reason: error.sentence))
                do throws(LoaderError) {
                    try resynchronise()
                    // It may be in flash although the answer was lost; some parts take a word only once.
                    if try readMemory(address, block.count) == block { return true }
                } catch {
                    throw error.at(address, in: region)
                }
            }
        }
    }

    private func writeOnce(_ block: [UInt8], at address: UInt32) throws(LoaderError) {
        try order(.write)
        guard try step("write", STM32Frame.address(address), next: .data) else {
            throw LoaderError(.protocolError, "the loader refuses to write there: check part and address")
        }
        guard try step("write", STM32Frame.data(block), next: .command, within: STM32Timeouts.write) else {
            throw LoaderError(
                .protocolError, "the loader refused a block: damaged on its way, or the page is protected")
        }
    }
}
