/// What the station must know of one chip family: how it names itself, where eFuses lie, what its loader expects.
///
/// Register addresses are absolute. Sources: the families' Technical Reference Manuals, "eFuse Controller";
/// Espressif serial protocol.
public struct EspressifChip: Hashable, Sendable {
    /// As printed on the part: `ESP32-C3`.
    public var name: String
    /// The stub's file without extension: `esp32c3`.
    public var stubName: String
    /// How the loader tells the family.
    public var identity: ChipIdentity
    /// How the factory MAC lies in the eFuses.
    public var mac: MACLayout
    /// OPTIONAL_UNIQUE_ID, 128 bits in BLOCK2: the chip's own unique id; nil where the family has none.
    public var uniqueID: RegisterBlock?
    /// BLOCK3, free for the maker: up to 24 bytes of ASCII, NUL padded; nil where the family has no such block.
    public var userBlock: RegisterBlock?
    /// Where the ROM looks for the second-stage bootloader in flash.
    public var bootloaderOffset: UInt32
    /// The flash controller; nil where the station has no use of it.
    public var spi: SPIController?
    /// Status bytes at the end of a ROM answer: 4, but 2 on the ESP8266.
    public var romStatusLength: Int
    /// FLASH_BEGIN takes a fifth word (encrypted) on every ROM but those of the ESP8266 and ESP32.
    public var extendedFlashBegin: Bool
    /// The ROM can inflate, compute an MD5 over flash and change its rate; the ESP8266's cannot, so it is written
    /// through the stub only.
    public var romWritesCompressed = true
    /// The largest block for RAM the ROM takes: 1800h, but 800h where it may sit behind the chip's own USB (CDC).
    public var memoryBlock = 0x1800
    /// How many consecutive addresses one board uses, counted from the factory MAC (STA, AP, BT, Ethernet).
    public var addressesPerBoard: Int

    /// How a family tells its name.
    public enum ChipIdentity: Hashable, Sendable {
        /// The word at ``EspressifChip/magicRegister``.
        case magic(UInt32)
        /// The chip id in GET_SECURITY_INFO, which is also the one in image headers.
        case chipID(UInt32)
    }

    /// Consecutive 32-bit registers.
    public struct RegisterBlock: Hashable, Sendable {
        public var address: UInt32
        public var words: Int
        public init(_ address: UInt32, words: Int) {
            self.address = address
            self.words = words
        }
        /// The addresses to read, in order.
        public var addresses: [UInt32] { (0..<UInt32(words)).map { address + 4 * $0 } }
    }

    /// How the factory MAC lies in the eFuses.
    public enum MACLayout: Hashable, Sendable {
        /// Low 32 bits in the first register, the high 16 bits in the low half of the second.
        case lowHigh(low: UInt32, high: UInt32)
        /// As `lowHigh`, with a check value (``EspressifChip/macCheck(_:)``) in bits 23..16 of the second register.
        case lowHighChecked(low: UInt32, high: UInt32)
        /// Three registers with the OUI in the last one or implied.
        case esp8266(UInt32, UInt32, UInt32)
    }

    /// The word that tells older families apart.
    public static let magicRegister: UInt32 = 0x4000_1000

    /// The registers to read for the MAC, in the order ``macOctets(from:)`` wants their values.
    public var macRegisters: [UInt32] {
        switch mac {
        case .lowHigh(let low, let high), .lowHighChecked(let low, let high): [low, high]
        case .esp8266(let first, let second, let third): [first, second, third]
        }
    }

    /// The six octets in printed order from the values of ``macRegisters``; nil for another number of values, or where
    /// an ESP8266 states an unknown OUI.
    public func macOctets(from words: [UInt32]) -> [UInt8]? {
        guard words.count == macRegisters.count else { return nil }
        func byte(_ word: UInt32, _ index: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: word >> (8 * index)) }
        switch mac {
        case .lowHigh, .lowHighChecked:
            return [
                byte(words[1], 1), byte(words[1], 0), byte(words[0], 3), byte(words[0], 2), byte(words[0], 1),
                byte(words[0], 0),
            ]
        case .esp8266:
            let oui: [UInt8]
            switch (words[2], words[1] >> 16 & 0xFF) {
            case (let third, _) where third != 0: oui = [byte(third, 2), byte(third, 1), byte(third, 0)]
            case (_, 0): oui = [0x18, 0xFE, 0x34]
            case (_, 1): oui = [0xAC, 0xD0, 0x74]
            default: return nil
            }
            return oui + [byte(words[1], 1), byte(words[1], 0), byte(words[0], 3)]
        }
    }

    /// The check value stored with the MAC where the family has one: read, and computed from the octets.
    public func macCheckValues(from words: [UInt32]) -> (stored: UInt8, computed: UInt8)? {
        guard case .lowHighChecked = mac, words.count == 2, let octets = macOctets(from: words) else { return nil }
        return (UInt8(truncatingIfNeeded: words[1] >> 16), Self.macCheck(octets))
    }

    /// CRC-8 of a MAC: reflected polynomial 8Ch, register preset to 0.
    ///
    /// Source: ESP32 Technical Reference Manual, "eFuse Controller", field MAC_CRC.
    public static func macCheck(_ octets: [UInt8]) -> UInt8 {
        octets.reduce(0) { check, octet in
            (0..<8).reduce(check ^ octet) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x8C : value >> 1 }
        }
    }

    /// The register values that hold `octets` on this family, in the order of ``macRegisters``: what a simulated board
    /// answers. An ESP8266 implies two of its OUIs and states any other in the third register.
    public func macWords(for octets: [UInt8]) -> [UInt32] {
        var words = Self.macWords(from: octets)
        switch mac {
        case .lowHigh: break
        case .lowHighChecked: words[1] |= UInt32(Self.macCheck(octets)) << 16
        case .esp8266:
            let oui = UInt32(words[1]) << 8 | words[0] >> 24
            let implied: [UInt32: UInt32] = [0x18FE34: 0, 0xACD074: 1]
            words = [
                words[0] << 24, (implied[oui] ?? 0) << 16 | words[0] >> 8 & 0xFFFF, implied[oui] == nil ? oui : 0,
            ]
        }
        return words
    }

    /// The two register values that hold `octets` (families with the low/high layout): what a simulated board answers.
    public static func macWords(from octets: [UInt8]) -> [UInt32] {
        let number = octets.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return [UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32)]
    }
}
