import BoardProtocols

/// The flash controller's registers with a flash chip behind them: `esptool flash-id` drives these directly.
///
/// Commands are those every serial NOR flash has. Source: ESP32-C3 Technical Reference Manual, "SPI Controller";
/// for the other layouts ``SPIController``;
/// GigaDevice GD25Q32 data sheet, "Commands Description"; JEDEC JESD216 for the SFDP header.
struct SPIFlashPort {
    /// Manufacturer and memory type: GigaDevice, 3.3 V NOR. The capacity byte follows from the chip's size.
    static let manufacturer: UInt8 = 0xC8
    static let memoryType: UInt8 = 0x40

    private let controller: SPIController
    private let flash: FlashChip
    private let uniqueID: [UInt8]
    private var words: [UInt32: UInt32] = [:]
    private var status: [UInt8] = [0, 2, 0]
    private var writeEnabled = false

    /// - Parameter uniqueID: what the flash chip answers to command 4Bh, 8 bytes.
    init(flash: FlashChip, uniqueID: [UInt8], controller: SPIController) {
        self.controller = controller
        self.flash = flash
        self.uniqueID = uniqueID
    }

    private func owns(_ address: UInt32) -> Bool {
        address >= controller.base && address < controller.base + 0x100
    }

    /// A register's value; nil for addresses outside the controller.
    func read(_ address: UInt32) -> UInt32? { owns(address) ? words[address] ?? 0 : nil }

    /// Takes a register write; setting the command bit executes. False for addresses outside the controller.
    mutating func write(_ address: UInt32, _ value: UInt32) -> Bool {
        guard owns(address) else { return false }
        words[address] = value
        if address == controller.command, value & SPIController.startUserCommand != 0 {
            execute()
            words[address] = value & ~SPIController.startUserCommand
        }
        return true
    }

    private mutating func execute() {
        let user = words[controller.user] ?? 0
        guard user & SPIController.userHasCommand != 0 else { return }
        let command = UInt8(truncatingIfNeeded: words[controller.user2] ?? 0)
        let sends = user & SPIController.userWrites != 0
        let receives = user & SPIController.userReads != 0
        let register = words[controller.address] ?? 0
        let address = Int(controller.addressFromTop ? register >> 8 : register & 0xFF_FFFF)
        let sent = sends ? data(bits(controller.mosiLength, 17)) : []
        // A part of a byte counts as one.
        let wanted = receives ? (bits(controller.misoLength, 8) + 7) / 8 : 0
        let answer = perform(command, address: address, sent: sent, wanted: wanted)
        if receives { store(answer, count: wanted) }
    }

    /// The bits to send or receive: a register of their own, or a field of ``SPIController/user1`` from bit `shift`.
    private func bits(_ register: UInt32, _ shift: UInt32) -> Int {
        let word = words[register] ?? 0
        return Int(controller.lengthsInUser1 ? word >> shift & 0x1FF : word & 0x3FF) + 1
    }

    private mutating func perform(_ command: UInt8, address: Int, sent: [UInt8], wanted: Int) -> [UInt8] {
        switch command {
        case 0x9F: return [Self.manufacturer, Self.memoryType, UInt8(flash.size.trailingZeroBitCount)]
        case 0x90: return [Self.manufacturer, UInt8(flash.size.trailingZeroBitCount - 1)]
        case 0x4B: return uniqueID
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

    private func data(_ bits: Int) -> [UInt8] {
        let count = (bits + 7) / 8
        let bytes = (0..<UInt32(16)).flatMap { LittleEndian.bytes(words[controller.data + 4 * $0] ?? 0) }
        return Array(bytes.prefix(count))
    }

    private mutating func store(_ answer: [UInt8], count: Int) {
        var bytes = Array(answer.prefix(count))
        bytes += [UInt8](repeating: 0xFF, count: count - bytes.count)
        bytes += [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
        for index in 0..<min(16, bytes.count / 4) {
            words[controller.data + 4 * UInt32(index)] = LittleEndian.u32(bytes, at: 4 * index)
        }
    }
}
