/// Where the flash controller's registers lie, for commands the loader has no operation for (the flash chip's id).
///
/// Source: ESP32-C3 Technical Reference Manual, SPI1 registers; ESP32 Technical Reference Manual, SPI registers;
/// ESP8266 SDK `spi_register.h`.
public struct SPIController: Hashable, Sendable {
    public var base: UInt32
    public var userOffset: UInt32
    public var user1Offset: UInt32
    public var user2Offset: UInt32
    public var mosiLengthOffset: UInt32
    public var misoLengthOffset: UInt32
    public var dataOffset: UInt32
    /// The ESP8266 has no length registers: both lengths stand in ``user1``, the bits to send less one at bit 17, the
    /// bits to receive less one at bit 8.
    public var lengthsInUser1 = false
    /// The ESP8266 and ESP32 send an address from bit 31 downwards, later chips the lowest bits of the register.
    public var addressFromTop = false

    /// Starts the command when bit 18 is set; the bit clears when it is done.
    public var command: UInt32 { base }
    public var address: UInt32 { base + 4 }
    public var user: UInt32 { base + userOffset }
    /// Bits 31..26 address length - 1, bits 7..0 dummy cycles - 1.
    public var user1: UInt32 { base + user1Offset }
    /// Bits 31..28 command length - 1, bits 15..0 the command.
    public var user2: UInt32 { base + user2Offset }
    /// Bits to send - 1.
    public var mosiLength: UInt32 { base + mosiLengthOffset }
    /// Bits to receive - 1.
    public var misoLength: UInt32 { base + misoLengthOffset }
    /// First of 16 data words.
    public var data: UInt32 { base + dataOffset }

    public static let startUserCommand: UInt32 = 1 << 18
    public static let userHasCommand: UInt32 = 1 << 31
    public static let userHasAddress: UInt32 = 1 << 30
    public static let userHasDummy: UInt32 = 1 << 29
    public static let userReads: UInt32 = 1 << 28
    public static let userWrites: UInt32 = 1 << 27

    /// JEDEC "read identification": manufacturer, memory type, capacity as a power of two.
    public static let readFlashID: UInt32 = 0x9F
    /// "Read unique id": 32 dummy bits, then 64 bits that no other chip of the maker has.
    public static let readFlashUniqueID: UInt32 = 0x4B

    /// The layout of the ESP8266, whose lengths are fields of ``user1``.
    public static let esp8266 = SPIController(
        base: 0x6000_0200, userOffset: 0x1C, user1Offset: 0x20, user2Offset: 0x24, mosiLengthOffset: 0x20,
        misoLengthOffset: 0x20, dataOffset: 0x40, lengthsInUser1: true, addressFromTop: true)

    /// The layout of the ESP32.
    public static let esp32 = SPIController(
        base: 0x3FF4_2000, userOffset: 0x1C, user1Offset: 0x20, user2Offset: 0x24, mosiLengthOffset: 0x28,
        misoLengthOffset: 0x2C, dataOffset: 0x80, addressFromTop: true)

    /// The layout of the ESP32-S2 and everything later, at `base`.
    public static func later(base: UInt32) -> SPIController {
        SPIController(
            base: base, userOffset: 0x18, user1Offset: 0x1C, user2Offset: 0x20, mosiLengthOffset: 0x24,
            misoLengthOffset: 0x28, dataOffset: 0x58)
    }
}
