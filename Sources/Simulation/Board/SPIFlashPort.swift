import BoardProtocols

/// The SPI1 controller's registers with a flash chip behind them: `esptool flash-id` drives these directly.
///
/// Commands are those every serial NOR flash has. Source: ESP32-C3 Technical Reference Manual, "SPI Controller";
/// GigaDevice GD25Q32 data sheet, "Commands Description"; JEDEC JESD216 for the SFDP header.
struct SPIFlashPort {
    /// Manufacturer and memory type: GigaDevice, 3.3 V NOR. The capacity byte follows from the chip's size.
    static let manufacturer: UInt8 = 0xC8
    static let memoryType: UInt8 = 0x40

    private static let controller = SPIController.later(base: 0x6000_2000)
    private let flash: FlashChip
    private let uniqueID: [UInt8]
    private var words: [UInt32: UInt32] = [:]
    private var status: [UInt8] = [0, 2, 0]
    private var writeEnabled = false

    init(flash: FlashChip, uniqueID: [UInt8]) {
        self.flash = flash
        self.uniqueID = uniqueID
    }

    private static func owns(_ address: UInt32) -> Bool {
        address >= controller.base && address < controller.base + 0x100
    }

    /// A register's value; nil for addresses outside the controller.
    func read(_ address: UInt32) -> UInt32? { Self.owns(address) ? words[address] ?? 0 : nil }

    /// Takes a register write; setting the command bit executes. False for addresses outside the controller.
    mutating func write(_ address: UInt32, _ value: UInt32) -> Bool {
        guard Self.owns(address) else { return false }
        words[address] = value
        if address == Self.controller.command, value & SPIController.startUserCommand != 0 {
            execute()
            words[address] = value & ~SPIController.startUserCommand
        }
        return true
    }

    private mutating func execute() {
        let registers = Self.controller
        let user = words[registers.user] ?? 0
        guard user & SPIController.userHasCommand != 0 else { return }
        let command = UInt8(truncatingIfNeeded: words[registers.user2] ?? 0)
        let sends = user & SPIController.userWrites != 0
        let receives = user & SPIController.userReads != 0
        let address = Int((words[registers.address] ?? 0) & 0xFF_FFFF)
        let sent = sends ? data(((words[registers.mosiLength] ?? 0) & 0x3FF) + 1) : []
        let wanted = receives ? (Int((words[registers.misoLength] ?? 0) & 0x3FF) + 8) / 8 : 0
        let answer = perform(command, address: address, sent: sent, wanted: wanted)
        if receives { store(answer, count: wanted) }
    }

    private mutating func perform(_ command: UInt8, address: Int, sent: [UInt8], wanted: Int) -> [UInt8] {
        switch command {
        case 0x9F: return [Self.manufacturer, Self.memoryType, UInt8(flash.size.trailingZeroBitCount)]
        case 0x90: return [Self.manufacturer, UInt8(flash.size.trailingZeroBitCount - 1)]
        case 0x4B: return Array(uniqueID.prefix(16))
        case 0x5A: return Array((sfdp + [UInt8](repeating: 0xFF, count: 256)).dropFirst(address).prefix(wanted))
        case 0x05: return [status[0] | (writeEnabled ? 2 : 0)]
        case 0x35: return [status[1]]
        case 0x15: return [status[2]]
        case 0x03, 0x0B: return flash.read(address, wanted)
        case 0x06, 0x50: writeEnabled = true
        case 0x04: writeEnabled = false
        case 0x01: for (index, value) in sent.prefix(2).enumerated() { setStatus(index, value) }
        case 0x31: setStatus(1, sent.first)
        case 0x11: setStatus(2, sent.first)
        case 0x02: change { $0.program(address, sent) }
        case 0x20: change { $0.erase(address / 4096 * 4096, 4096) }
        case 0x52: change { $0.erase(address / 32768 * 32768, 32768) }
        case 0xD8: change { $0.erase(address / 65536 * 65536, 65536) }
        case 0x60, 0xC7: change { $0.erase(0, $0.size) }
        case 0x99: writeEnabled = false
        default: break
        }
        return []
    }

    /// The SFDP header: signature, revision 1.6, one parameter table.
    private var sfdp: [UInt8] { Array("SFDP".utf8) + [6, 1, 0, 0xFF] }

    private mutating func setStatus(_ index: Int, _ value: UInt8?) {
        guard writeEnabled, let value else { return }
        status[index] = value & ~3
        if index > 0 { status[index] = value }
        writeEnabled = false
    }

    private mutating func change(_ body: (FlashChip) -> Bool) {
        guard writeEnabled else { return }
        _ = body(flash)
        writeEnabled = false
    }

    private func data(_ bits: UInt32) -> [UInt8] {
        let count = Int(bits + 7) / 8
        let bytes = (0..<UInt32(16)).flatMap { LittleEndian.bytes(words[Self.controller.data + 4 * $0] ?? 0) }
        return Array(bytes.prefix(count))
    }

    private mutating func store(_ answer: [UInt8], count: Int) {
        var bytes = Array(answer.prefix(count))
        bytes += [UInt8](repeating: 0xFF, count: count - bytes.count)
        bytes += [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
        for index in 0..<min(16, bytes.count / 4) {
            words[Self.controller.data + 4 * UInt32(index)] = LittleEndian.u32(bytes, at: 4 * index)
        }
    }
}
