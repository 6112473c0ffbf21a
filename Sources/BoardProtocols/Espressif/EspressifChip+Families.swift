extension EspressifChip {
    public static let esp8266 = EspressifChip(
        name: "ESP8266", stubName: "esp8266", identity: .magic(0xFFF0_C101),
        mac: .esp8266(0x3FF0_0050, 0x3FF0_0054, 0x3FF0_005C), uniqueID: nil, userBlock: nil, bootloaderOffset: 0,
        spi: .esp8266, romStatusLength: 2, extendedFlashBegin: false, romWritesCompressed: false,
        addressesPerBoard: 2)

    public static let esp32 = EspressifChip(
        name: "ESP32", stubName: "esp32", identity: .magic(0x00F0_1D83),
        mac: .lowHighChecked(low: 0x3FF5_A004, high: 0x3FF5_A008), uniqueID: nil, userBlock: nil,
        bootloaderOffset: 0x1000,
        spi: .esp32, romStatusLength: 4, extendedFlashBegin: false, addressesPerBoard: 4)

    public static let esp32s2 = EspressifChip(
        name: "ESP32-S2", stubName: "esp32s2", identity: .magic(0x0000_07C6), efuse: 0x3F41_A000,
        bootloaderOffset: 0x1000, spi: .later(base: 0x3F40_2000), memoryBlock: 0x800)

    public static let esp32s3 = EspressifChip(
        name: "ESP32-S3", stubName: "esp32s3", identity: .chipID(9), efuse: 0x6000_7000, bootloaderOffset: 0,
        spi: .later(base: 0x6000_2000), memoryBlock: 0x800)

    /// The family of the first board profile. OPTIONAL_UNIQUE_ID at 6000885Ch, BLOCK3 at 6000887Ch.
    public static let esp32c3 = EspressifChip(
        name: "ESP32-C3", stubName: "esp32c3", identity: .chipID(5), efuse: 0x6000_8800, bootloaderOffset: 0,
        spi: .later(base: 0x6000_2000))

    public static let esp32c2 = EspressifChip(
        name: "ESP32-C2", stubName: "esp32c2", identity: .chipID(12),
        mac: .lowHigh(low: 0x6000_8840, high: 0x6000_8844), uniqueID: nil, userBlock: nil, bootloaderOffset: 0,
        spi: .later(base: 0x6000_2000), romStatusLength: 4, extendedFlashBegin: true, addressesPerBoard: 4)

    public static let esp32c6 = EspressifChip(
        name: "ESP32-C6", stubName: "esp32c6", identity: .chipID(13), efuse: 0x600B_0800, bootloaderOffset: 0,
        spi: .later(base: 0x6000_3000))

    public static let esp32h2 = EspressifChip(
        name: "ESP32-H2", stubName: "esp32h2", identity: .chipID(16), efuse: 0x600B_0800, bootloaderOffset: 0,
        spi: .later(base: 0x6000_3000))

    public static let esp32c5 = EspressifChip(
        name: "ESP32-C5", stubName: "esp32c5", identity: .chipID(23), efuse: 0x600B_4800, bootloaderOffset: 0x2000,
        spi: .later(base: 0x6000_3000))

    /// Every family the station can name.
    public static let all: [EspressifChip] = [
        esp8266, esp32, esp32s2, esp32s3, esp32c3, esp32c2, esp32c6, esp32h2, esp32c5,
    ]

    /// The family with this chip id, as GET_SECURITY_INFO and image headers state it.
    public static func with(chipID: UInt32) -> EspressifChip? { all.first { $0.identity == .chipID(chipID) } }

    /// The family with this word at ``magicRegister``.
    public static func with(magic: UInt32) -> EspressifChip? { all.first { $0.identity == .magic(magic) } }

    /// The chip id that image headers for this family carry; nil for the ESP8266, whose images have none.
    public var imageChipID: UInt16? {
        switch identity {
        case .chipID(let id): UInt16(truncatingIfNeeded: id)
        case .magic: name == Self.esp32.name ? 0 : name == Self.esp32s2.name ? 2 : nil
        }
    }

    /// A family with the common eFuse layout: BLOCK1 (MAC) at 44h, BLOCK2 at 5Ch, BLOCK3 at 7Ch from `efuse`.
    private init(
        name: String, stubName: String, identity: ChipIdentity, efuse: UInt32, bootloaderOffset: UInt32,
        spi: SPIController, memoryBlock: Int = 0x1800
    ) {
        self.init(
            name: name, stubName: stubName, identity: identity, mac: .lowHigh(low: efuse + 0x44, high: efuse + 0x48),
            uniqueID: RegisterBlock(efuse + 0x5C, words: 4), userBlock: RegisterBlock(efuse + 0x7C, words: 6),
            bootloaderOffset: bootloaderOffset, spi: spi, romStatusLength: 4, extendedFlashBegin: true,
            memoryBlock: memoryBlock, addressesPerBoard: 4)
    }
}
