import BoardProtocols
import Provisioning

extension EspressifLoader {
    /// Reads MAC, unique id and, where ``readsUserBlock``, BLOCK3.
    ///
    /// The loader's answers carry no check value, so every register is read twice, in opposite order; readings that
    /// differ are read again and, after three rounds, an error, never an identity.
    /// - Throws: ``LoaderError`` `noise` for readings that keep differing, `wrongChip` before detection, and those of
    ///   the exchange.
    public func readBoard() throws(LoaderError) -> BoardReading {
        guard let chip else { throw LoaderError(.wrongChip, "the chip must be detected before it is read") }
        let mac = try readMAC(chip)
        var reading = BoardReading(
            chip: chip.name, mac: mac, uid: mac, uidSource: .mac, identityText: nil, flashID: nil,
            addressCount: chip.addressesPerBoard)
        if let uid = try readUniqueID(chip) {
            (reading.uid, reading.uidSource) = uid
        }
        if readsUserBlock, let block = chip.userBlock {
            let bytes = LittleEndian.bytes(words: try readSteadily(block.addresses)).prefix { $0 != 0 }
            if !bytes.isEmpty, bytes.allSatisfy({ (0x20..<0x7F).contains($0) }) {
                reading.identityText = String(decoding: bytes, as: UTF8.self)
            }
        }
        return reading
    }

    /// The factory MAC. Where a check value is stored with it, one that does not fit is read again before it is
    /// believed.
    private func readMAC(_ chip: EspressifChip) throws(LoaderError) -> [UInt8] {
        let words = try readSteadily(chip.macRegisters)
        guard let mac = chip.macOctets(from: words) else {
            throw LoaderError(.protocolError, "the \(chip.name)'s eFuses hold no MAC layout this station knows")
        }
        guard let check = chip.macCheckValues(from: words), check.stored != check.computed else { return mac }
        let address = chip.macRegisters.last
        guard try readSteadily(chip.macRegisters) == words else {
            throw LoaderError(
                .noise, "two readings of the factory MAC differ: check cable, rate and power", command: .readRegister,
                address: address)
        }
        let (stored, computed) = (Digest.hex([check.stored]), Digest.hex([check.computed]))
        throw LoaderError(
            .protocolError,
            "the eFuses hold MAC \(Digest.hex(mac).uppercased()) with check value \(stored), expected \(computed): "
                + "the chip's eFuses are damaged; take the board out", command: .readRegister, address: address,
            expected: computed, received: stored)
    }

    /// The chip's own id, else the flash chip's; an id of all zeros or all ones is none.
    private func readUniqueID(_ chip: EspressifChip) throws(LoaderError) -> ([UInt8], HardwareUID.Source)? {
        if let block = chip.uniqueID {
            let bytes = LittleEndian.bytes(words: try readSteadily(block.addresses))
            if !Self.isBlank(bytes) { return (bytes, .chip) }
        }
        if let bytes = try readFlashUniqueID(), !Self.isBlank(bytes) { return (bytes, .flash) }
        return nil
    }

    private static func isBlank(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 == 0 } || bytes.allSatisfy { $0 == 0xFF }
    }

    /// Register values that two readings in opposite order agree on.
    func readSteadily(_ addresses: [UInt32]) throws(LoaderError) -> [UInt32] {
        for _ in 0..<3 {
            var first: [UInt32] = []
            for address in addresses { first.append(try readRegister(address)) }
            var second: [UInt32] = []
            for address in addresses.reversed() { second.append(try readRegister(address)) }
            if first == second.reversed() { return first }
            try drainUntilQuiet()
        }
        throw LoaderError(
            .noise, "three pairs of readings of one eFuse differed: check cable, rate and power",
            command: .readRegister, address: addresses.first)
    }

    /// Makes the flash chip reachable. The ESP8266's ROM has no command for that: a FLASH_BEGIN that erases nothing
    /// does it.
    func attachFlash() throws(LoaderError) {
        guard !spiReady else { return }
        if let chip, !chip.romWritesCompressed, !isStub {
            _ = try query(
                .flashBegin(deflate: false, size: 0, blocks: 0, blockSize: 0x400, offset: 0, extended: false))
        } else {
            _ = try query(.spiAttach(stub: isStub))
        }
        spiReady = true
    }

    /// The flash chip's JEDEC id; nil where the chip's flash controller is not known.
    /// - Throws: ``LoaderError`` `flashChip` where no flash chip answers.
    public func readFlashID() throws(LoaderError) -> UInt32? {
        guard let spi = chip?.spi else { return nil }
        try attachFlash()
        let id = try flashCommand(spi, SPIController.readFlashID, readBits: 24, dummyBits: 0)[0] & 0xFF_FFFF
        guard id != 0, id != 0xFF_FFFF else {
            throw LoaderError(
                .flashChip, "the flash chip does not answer: check its soldering and the board's power",
                received: String(id, radix: 16))
        }
        return id
    }

    /// Bytes of a flash chip with this JEDEC id; nil for a capacity code that makes no sense (under 256 KiB or over
    /// 256 MiB).
    public static func flashSize(id: UInt32) -> Int? {
        let code = Int(id >> 16 & 0xFF)
        return (18...28).contains(code) ? 1 << code : nil
    }

    /// The flash chip's 64-bit unique id (command 4Bh, 32 dummy bits), or nil where the flash controller is not known.
    /// Two readings must agree: another answer next time would make one board look like two.
    private func readFlashUniqueID() throws(LoaderError) -> [UInt8]? {
        guard let spi = chip?.spi else { return nil }
        try attachFlash()
        var readings: [[UInt32]] = []
        for _ in 0..<2 {
            readings.append(try flashCommand(spi, SPIController.readFlashUniqueID, readBits: 64, dummyBits: 32))
        }
        guard readings[0] == readings[1] else {
            throw LoaderError(.noise, "two readings of the flash chip's unique id differ: check cable and power")
        }
        return LittleEndian.bytes(words: readings[0])
    }

    /// Runs one command on the flash chip by hand and returns the words read.
    private func flashCommand(
        _ spi: SPIController, _ command: UInt32, readBits: UInt32, dummyBits: UInt32
    ) throws(LoaderError) -> [UInt32] {
        let user = try readRegister(spi.user)
        let user1 = try readRegister(spi.user1)
        let user2 = try readRegister(spi.user2)
        let dummy = dummyBits > 0 ? dummyBits - 1 : 0
        if spi.lengthsInUser1 {
            try writeRegister(spi.user1, (readBits - 1) << 8 | dummy)
        } else {
            try writeRegister(spi.misoLength, readBits - 1)
            if dummyBits > 0 { try writeRegister(spi.user1, dummy) }
        }
        try writeRegister(
            spi.user,
            SPIController.userHasCommand | SPIController.userReads | (dummyBits > 0 ? SPIController.userHasDummy : 0))
        try writeRegister(spi.user2, 7 << 28 | command)
        try writeRegister(spi.data, 0)
        try writeRegister(spi.command, SPIController.startUserCommand)
        var polls = 0
        while try readRegister(spi.command) & SPIController.startUserCommand != 0 {
            polls += 1
            guard polls < 10 else {
                throw LoaderError(.flashChip, "the flash controller did not finish a command", address: spi.command)
            }
        }
        var words: [UInt32] = []
        for index in 0..<(readBits + 31) / 32 { words.append(try readRegister(spi.data + 4 * index)) }
        try writeRegister(spi.user, user)
        try writeRegister(spi.user1, user1)
        try writeRegister(spi.user2, user2)
        return words
    }
}
