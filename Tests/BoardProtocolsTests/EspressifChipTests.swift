import BoardProtocols
import Testing

@Suite struct EspressifChipTests {
    @Test("the C3 is chip id 5 with its eFuses where the manual puts them")
    func c3() {
        let chip = EspressifChip.esp32c3
        #expect(EspressifChip.with(chipID: 5) == chip)
        #expect(chip.macRegisters == [0x6000_8844, 0x6000_8848])
        #expect(chip.uniqueID?.addresses == [0x6000_885C, 0x6000_8860, 0x6000_8864, 0x6000_8868])
        #expect(chip.userBlock?.address == 0x6000_887C)
        #expect(chip.userBlock?.words == 6)
        #expect(chip.spi?.user == 0x6000_2018)
        #expect(chip.spi?.data == 0x6000_2058)
        #expect(chip.imageChipID == 5)
    }

    @Test("a MAC survives the way through its two registers, upper bits ignored")
    func mac() {
        let octets: [UInt8] = [0x7C, 0xDF, 0xA1, 0x00, 0x12, 0x34]
        var words = EspressifChip.macWords(from: octets)
        #expect(words == [0xA100_1234, 0x7CDF])
        words[1] |= 0xABCD_0000
        #expect(EspressifChip.esp32c3.macOctets(from: words) == octets)
        #expect(EspressifChip.esp32c3.macOctets(from: [1]) == nil)
    }

    @Test(
        "an ESP8266 takes its OUI from the third register or from the second one's code",
        arguments: [
            ([UInt32(0x5600_0000), 0x0000_1234, 0x005C_CF7F], [UInt8(0x5C), 0xCF, 0x7F, 0x12, 0x34, 0x56]),
            ([0x5600_0000, 0x0000_1234, 0], [0x18, 0xFE, 0x34, 0x12, 0x34, 0x56]),
            ([0x5600_0000, 0x0001_1234, 0], [0xAC, 0xD0, 0x74, 0x12, 0x34, 0x56]),
        ] as [([UInt32], [UInt8])])
    func esp8266(_ words: [UInt32], _ expected: [UInt8]) {
        #expect(EspressifChip.esp8266.macOctets(from: words) == expected)
    }

    @Test("the ESP32 stores a check value with its MAC")
    func macCheck() throws {
        let octets: [UInt8] = [0x7C, 0xDF, 0xA1, 0x00, 0x00, 0x04]
        var words = EspressifChip.esp32.macWords(for: octets)
        #expect(words == [0xA100_0004, 0x93_7CDF])
        #expect(EspressifChip.esp32.macOctets(from: words) == octets)
        let good = try #require(EspressifChip.esp32.macCheckValues(from: words))
        #expect(good.stored == good.computed)
        words[0] ^= 1
        let bad = try #require(EspressifChip.esp32.macCheckValues(from: words))
        #expect(bad.stored != bad.computed)
        #expect(EspressifChip.esp32c3.macCheckValues(from: words) == nil)
    }

    @Test(
        "the register values of a MAC read back as that MAC",
        arguments: [[0x7C, 0xDF, 0xA1, 0, 0, 4], [0x18, 0xFE, 0x34, 1, 2, 3], [0xAC, 0xD0, 0x74, 1, 2, 3]] as [[UInt8]])
    func macWords(_ octets: [UInt8]) {
        for chip in EspressifChip.all { #expect(chip.macOctets(from: chip.macWords(for: octets)) == octets) }
    }

    @Test("no two families answer alike")
    func distinct() {
        #expect(Set(EspressifChip.all.map(\.identity)).count == EspressifChip.all.count)
        #expect(EspressifChip.with(magic: 0x00F0_1D83) == .esp32)
        #expect(EspressifChip.with(chipID: 99) == nil)
    }
}
