import BoardProtocols

/// The memory-mapped registers of a simulated chip that a loader session touches.
///
/// Registers nobody modelled keep what was written to them and read 0 before. Source: the families' Technical Reference
/// Manuals, "eFuse Controller", "SPI Controller", "RTC Watchdog".
struct ChipRegisters {
    /// What a write set off, beyond storing a value.
    enum Effect { case watchdogReset }

    let model: ChipModel

    private var fixed: [UInt32: UInt32]
    private var stored: [UInt32: UInt32] = [:]
    private var memory: [(start: UInt32, bytes: [UInt8])] = []
    var spi: SPIFlashPort

    init(identity: BoardIdentity, flash: FlashChip, model: ChipModel) {
        self.model = model
        fixed = model.fixed
        spi = SPIFlashPort(
            flash: flash, uniqueID: identity.flashUID, controller: model.chip.spi ?? .later(base: 0x6000_2000))
        for (register, word) in zip(model.chip.macRegisters, model.chip.macWords(for: identity.mac)) {
            fixed[register] = word
        }
        burn(identity.uid, into: model.chip.uniqueID)
        burn(Array(identity.userData.utf8), into: model.chip.userBlock)
    }

    private mutating func burn(_ bytes: [UInt8], into block: EspressifChip.RegisterBlock?) {
        guard let block else { return }
        let padded = bytes + [UInt8](repeating: 0, count: max(0, 4 * block.words - bytes.count))
        for (index, address) in block.addresses.enumerated() {
            fixed[address] = LittleEndian.u32(padded, at: 4 * index)
        }
    }

    /// READ_REG: any word of the address space. `baud` is what the UART runs at.
    func read(_ address: UInt32, baud: Int) -> UInt32 {
        if let value = fixed[address] ?? spi.read(address) { return value }
        if address == model.clockDivider { return UInt32(model.uartClock / max(1, baud)) }
        if let segment = memory.last(where: { address >= $0.start && address - $0.start < UInt32($0.bytes.count) }) {
            return LittleEndian.u32(segment.bytes, at: Int(address - segment.start)) ?? 0
        }
        return stored[address] ?? 0
    }

    /// WRITE_REG: changes the bits of `mask`. eFuses cannot be written so.
    mutating func write(_ address: UInt32, _ value: UInt32, mask: UInt32, baud: Int) -> Effect? {
        guard fixed[address] == nil else { return nil }
        let word = read(address, baud: baud) & ~mask | value & mask
        if spi.write(address, word) { return nil }
        stored[address] = word
        // Enabled (bit 31) with "reset system" or "reset chip" as its first stage; it bites once it is locked again,
        // which is soon enough for the answer to leave first.
        guard let watchdog = model.watchdog, address == watchdog.protect, word != ChipModel.Watchdog.key else {
            return nil
        }
        let config = stored[watchdog.config] ?? 0
        return config >> 31 == 1 && config >> 28 & 7 >= 3 ? .watchdogReset : nil
    }

    /// Keeps an uploaded segment readable.
    mutating func load(_ bytes: [UInt8], at address: UInt32) {
        memory.removeAll { $0.start == address }
        memory.append((address, bytes))
    }

    /// True where `address` lies in an uploaded segment.
    func holdsCode(at address: UInt32) -> Bool {
        memory.contains { address >= $0.start && address - $0.start < UInt32($0.bytes.count) }
    }
}
