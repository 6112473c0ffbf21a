/// A command of the UART loader in the system memory of STM32 microcontrollers.
///
/// Source: ST AN3155, "USART protocol used in the STM32 bootloader", section "Bootloader command set".
public enum STM32Command: UInt8, Sendable, CaseIterable {
    /// Version and list of commands.
    case get = 0x00
    /// Version and two bytes on read protection, zero on most parts.
    case version = 0x01
    /// The product id.
    case getID = 0x02
    case read = 0x11
    /// Jumps to a program.
    case go = 0x21
    case write = 0x31
    /// Erases pages named by one byte each.
    case erase = 0x43
    /// Erases pages named by two bytes each; a loader knows this command or ``erase``, never both.
    case extendedErase = 0x44
    case writeProtect = 0x63
    case writeUnprotect = 0x73
    case readProtect = 0x82
    /// Lifts the read protection and erases the whole flash with it.
    case readUnprotect = 0x92
    /// CRC over a range; newer loaders only.
    case checksum = 0xA1

    /// The code and its complement, as they go on the wire.
    public var frame: [UInt8] { [rawValue, ~rawValue] }
}
