/// The commands of Espressif's serial loaders (mask ROM and RAM stub).
///
/// Source: Espressif serial protocol, "Commands".
public enum EspressifCommand: UInt8, Sendable, CaseIterable {
    case flashBegin = 0x02
    case flashData = 0x03
    case flashEnd = 0x04
    case memoryBegin = 0x05
    case memoryEnd = 0x06
    case memoryData = 0x07
    case sync = 0x08
    case writeRegister = 0x09
    case readRegister = 0x0A
    case spiSetParameters = 0x0B
    case spiAttach = 0x0D
    /// ROM only: up to 64 bytes of flash in one answer.
    case readFlashSlow = 0x0E
    case changeBaud = 0x0F
    case flashDeflateBegin = 0x10
    case flashDeflateData = 0x11
    case flashDeflateEnd = 0x12
    case spiFlashMD5 = 0x13
    case getSecurityInfo = 0x14
    /// Stub only. The station never sends it: it would wipe regions a release preserves.
    case eraseFlash = 0xD0
    /// Stub only.
    case eraseRegion = 0xD1
    /// Stub only: streams frames that the host acknowledges by the running total.
    case readFlash = 0xD2
    /// Stub only.
    case runUserCode = 0xD3
    /// Stub only.
    case flashEncryptedData = 0xD4

    /// True for the three commands whose payload carries a block with an XOR check value.
    public var carriesBlock: Bool { self == .flashData || self == .memoryData || self == .flashDeflateData }
}
