import BoardProtocols

/// The memory-mapped registers of a simulated ESP32-C3 that a loader session touches.
///
/// Registers nobody modelled keep what was written to them and read 0 before. Source: ESP32-C3 Technical Reference
/// Manual, "eFuse Controller", "SPI Controller", "RTC Watchdog".
struct ChipRegisters {
    /// What a write set off, beyond storing a value.
    enum Effect { case watchdogReset }

    static let chip = EspressifChip.esp32c3
    private static let watchdogConfig: UInt32 = 0x6000_8090
    private static let watchdogProtect: UInt32 = 0x6000_80A8
    private static let watchdogKey: UInt32 = 0x50D8_3AA1
    private static let uartClockDivider: UInt32 = 0x6000_0014

    private var fixed: [UInt32: UInt32] = [:]
    private var stored: [UInt32: UInt32] = [:]
    private var memory: [(start: UInt32, bytes: [UInt8])] = []
    var spi: SPIFlashPort

    init(identity: BoardIdentity, flash: FlashChip) {
        spi = SPIFlashPort(flash: flash, uniqueID: identity.uid)
        for (register, word) in zip(Self.chip.macRegisters, EspressifChip.macWords(from: identity.mac)) {
            fixed[register] = word
        }
        burn(identity.uid, into: Self.chip.uniqueID)
        burn(Array(identity.userData.utf8), into: Self.chip.userBlock)
        // BLOCK1: QFN32 package, revision v0.4, 4 MiB of embedded flash by GigaDevice.
        fixed[0x6000_8850] = 4 << 18 | 1 << 27
        fixed[0x6000_8854] = 2
        fixed[0x6000_8858] = 0
        fixed[EspressifChip.magicRegister] = 0x1B31_506F
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
        if address == Self.uartClockDivider { return UInt32(40_000_000 / max(1, baud)) }
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
        let config = stored[Self.watchdogConfig] ?? 0
        let armed = config >> 31 == 1 && config >> 28 & 7 >= 3
        return address == Self.watchdogProtect && word != Self.watchdogKey && armed ? .watchdogReset : nil
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
