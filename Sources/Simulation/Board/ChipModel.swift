import BoardProtocols

/// What a simulated chip needs beyond ``EspressifChip``: fixed register values, clocks, and where an image's pieces
/// lie.
///
/// Source: the families' Technical Reference Manuals, "eFuse Controller", "UART", "RTC Watchdog", "System and Memory".
struct ChipModel {
    /// The RTC watchdog, by which esptool resets chips behind their own USB.
    struct Watchdog {
        var config: UInt32
        var protect: UInt32
        static let key: UInt32 = 0x50D8_3AA1
    }

    /// Where the images of a release are loaded or mapped to.
    struct Memory {
        var bootloaderEntry: UInt32
        /// Load addresses of the bootloader's segments.
        var bootloader: [UInt32]
        var appEntry: UInt32
        /// Mapped constants, with the application descriptor at their start.
        var constants: UInt32
        var code: UInt32
        /// The most the code segment holds, in bytes; nil where it is mapped from flash.
        var codeLimit: Int?
    }

    let chip: EspressifChip
    /// Registers that read the same always: the magic word, and eFuses that state package and revision.
    let fixed: [UInt32: UInt32]
    /// Answers GET_SECURITY_INFO; the ESP8266's and ESP32's ROM do not know the command.
    let hasSecurityInfo: Bool
    let clockDivider: UInt32
    /// What the clock divider counts down from, in Hz.
    let uartClock: Int
    let watchdog: Watchdog?
    let memory: Memory

    /// The model of a family; those without one of their own answer with the registers of the ESP32-C3 at their own
    /// addresses, which is enough to identify and flash them.
    init(_ chip: EspressifChip) {
        self.chip = chip
        switch chip {
        case .esp8266:
            fixed = [EspressifChip.magicRegister: 0xFFF0_C101]
            (hasSecurityInfo, clockDivider, uartClock, watchdog) = (false, 0x6000_0014, 52_000_000, nil)
            memory = Memory(
                bootloaderEntry: 0x4010_0004, bootloader: [0x4010_0000, 0x3FFE_8408, 0x3FFE_8A00],
                appEntry: 0x4010_0004, constants: 0x4021_0010, code: 0x4010_0000, codeLimit: 0x6000)
        case .esp32:
            fixed = Self.esp32
            (hasSecurityInfo, clockDivider, uartClock, watchdog) = (false, 0x3FF4_0014, 40_000_000, nil)
            memory = Memory(
                bootloaderEntry: 0x4008_05E4, bootloader: [0x3FFF_0030, 0x4007_8000, 0x4008_0400],
                appEntry: 0x4008_1000, constants: 0x3F40_0020, code: 0x400D_0020)
        case .esp32s3:
            // BLOCK1: QFN56, revision v0.2.
            fixed = [EspressifChip.magicRegister: 9, 0x6000_7050: 2 << 18]
            (hasSecurityInfo, clockDivider, uartClock) = (true, 0x6000_0014, 40_000_000)
            watchdog = Watchdog(config: 0x6000_8098, protect: 0x6000_80B0)
            memory = Memory(
                bootloaderEntry: 0x403C_9914, bootloader: [0x3FCE_3810, 0x403C_9700, 0x403C_C700],
                appEntry: 0x4037_5000, constants: 0x3C00_0020, code: 0x4200_0020)
        default:
            // BLOCK1: QFN32, revision v0.4, 4 MiB of embedded flash by GigaDevice.
            let block1: [UInt32: UInt32] = [0x6000_8850: 4 << 18 | 1 << 27, 0x6000_8854: 2, 0x6000_8858: 0]
            if case .magic(let word) = chip.identity {
                fixed = [EspressifChip.magicRegister: word]
            } else {
                fixed = (chip == .esp32c3 ? block1 : [:]).merging([EspressifChip.magicRegister: 0x1B31_506F]) { $1 }
            }
            (hasSecurityInfo, clockDivider, uartClock) = (true, 0x6000_0014, 40_000_000)
            watchdog = Watchdog(config: 0x6000_8090, protect: 0x6000_80A8)
            memory = Memory(
                bootloaderEntry: 0x403C_C710, bootloader: [0x3FCD_5820, 0x403C_C710, 0x403C_E710],
                appEntry: 0x4038_0F00, constants: 0x3C00_0020, code: 0x4200_0020)
        }
    }

    /// D0WD-V3, revision v3.1. The ROM measures its crystal by an oscillator (eFuse CK8M) whose calibration count comes
    /// out at 40 MHz exactly: 800 · 15,625 Hz · 128 / 40.
    private static let esp32: [UInt32: UInt32] = [
        EspressifChip.magicRegister: 0x00F0_1D83,
        0x3FF5_A00C: 1 << 9 | 1 << 13 | 1 << 15, 0x3FF5_A010: 128, 0x3FF5_A014: 1 << 20 | 1 << 24,
        0x3FF6_607C: 1 << 31 | 0x1604_2000, 0x3FF5_F06C: 800 << 7,
    ]

    /// What the ROM answers to GET_SECURITY_INFO; the ESP32-S2 does not state its id.
    var securityInfo: EspressifSecurityInfo {
        guard case .chipID(let id) = chip.identity else { return EspressifSecurityInfo() }
        return EspressifSecurityInfo(chipID: id, ecoVersion: 0)
    }

    /// Whether the mask ROM knows a command. The ESP8266's has the first nine only.
    func romOffers(_ command: EspressifCommand) -> Bool {
        switch command {
        case .eraseFlash, .eraseRegion, .readFlash, .runUserCode, .flashEncryptedData: false
        case .getSecurityInfo: hasSecurityInfo
        case .flashBegin, .flashData, .flashEnd, .memoryBegin, .memoryData, .memoryEnd, .sync, .readRegister,
            .writeRegister:
            true
        default: chip.romWritesCompressed
        }
    }

    /// Bytes the ROM erases for FLASH_BEGIN's `size` at `offset`.
    ///
    /// The ESP8266's counts the sectors up to the next 64 KiB boundary twice; clients ask for less to make up for it.
    func romErases(_ size: Int, at offset: Int) -> Int {
        guard chip == .esp8266 else { return size }
        let sectors = (size + FlashChip.sector - 1) / FlashChip.sector
        let head = 16 - offset / FlashChip.sector % 16
        return (min(sectors, head) + sectors) * FlashChip.sector
    }
}
