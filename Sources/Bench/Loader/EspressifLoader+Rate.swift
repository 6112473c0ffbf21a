import BoardProtocols

extension EspressifLoader {
    /// Changes the rate on both sides and checks that the line carries commands at it.
    ///
    /// - Throws: ``LoaderError`` `baud` where commands fail after the change: board and port are then out of step and
    ///   the board must be reset; `stub` where the ROM cannot change its rate; `portLost`, `cancelled`.
    public func changeBaud(to baud: Int) throws(LoaderError) {
        guard baud != link.baud else { return }
        try requireStubWhereNeeded()
        let old = link.baud
        let wanted = try isStub ? UInt32(baud) : romRate(for: baud)
        _ = try perform(.changeBaud(to: wanted, current: isStub ? UInt32(old) : 0))
        do {
            try link.setBaud(baud)
            try link.pause(.milliseconds(50))
            try link.discardInput()
        } catch {
            throw LoaderError(error)
        }
        do {
            try drain()
            for _ in 0..<2 { _ = try query(.readRegister(EspressifChip.magicRegister), timeout: .milliseconds(500)) }
        } catch {
            guard [.noResponse, .noise, .protocolError].contains(error.kind) else { throw error }
            throw LoaderError(
                .baud, "the line does not work at \(baud) baud: \(error.sentence)", command: .changeBaud,
                expected: String(baud), received: String(old), reason: error.reason)
        }
    }

    /// The ESP8266's ROM knows neither another rate nor compressed blocks nor a digest over flash, and reads no flash:
    /// what it writes could not be verified.
    /// - Throws: ``LoaderError`` `stub` where such a ROM answers.
    func requireStubWhereNeeded() throws(LoaderError) {
        guard let chip, !chip.romWritesCompressed, !isStub else { return }
        throw LoaderError(
            .stub,
            "the \(chip.name) needs the stub, since its ROM cannot verify what it writes: set stub_directory to a "
                + "folder with \(chip.stubName).json")
    }

    /// What to ask the ROM for so that its UART runs at `baud`.
    ///
    /// The ESP32's ROM takes its crystal for what an inexact oscillator says of it, so its rate is wrong by the same
    /// share: the calibration count in RTC_CALI_CFG1 (bits 31..7) and eFuse CK8M tell what it believes.
    /// Source: ESP32 Technical Reference Manual, "RTC_CNTL"; esptool 5.6's note on the oscillator's drift.
    private func romRate(for baud: Int) throws(LoaderError) -> UInt32 {
        guard chip == .esp32 else { return UInt32(baud) }
        let count = UInt64(try readRegister(0x3FF5_F06C) >> 7)
        let oscillator = UInt64(try readRegister(0x3FF5_A010) & 0xFF)
        let believed = count * 15625 * oscillator / 40
        guard (20_000_000...48_000_000).contains(believed) else { return UInt32(baud) }
        let crystal: UInt64 = believed > 33_000_000 ? 40_000_000 : 26_000_000
        return UInt32(UInt64(baud) * believed / crystal)
    }
}
