import BoardProtocols
import Testing

@Suite("The codec of the STM32 loader")
struct STM32CodecTests {
    @Test("a command is its code and the complement")
    func commands() {
        #expect(STM32Command.get.frame == [0x00, 0xFF])
        #expect(STM32Command.getID.frame == [0x02, 0xFD])
        #expect(STM32Command.extendedErase.frame == [0x44, 0xBB])
        for command in STM32Command.allCases { #expect(STM32Frame.xor(command.frame) == 0xFF) }
    }

    @Test("frames end with the XOR of their bytes, numbers are big-endian")
    func frames() {
        #expect(STM32Frame.address(0x0800_4000) == [0x08, 0x00, 0x40, 0x00, 0x48])
        #expect(STM32Frame.readLength(256) == [0xFF, 0x00])
        #expect(STM32Frame.readLength(1) == [0x00, 0xFF])
        #expect(STM32Frame.data([1, 2, 3, 4]) == [3, 1, 2, 3, 4, 7])
        #expect(STM32Frame.erase([5]) == [0, 5, 5])
        #expect(STM32Frame.extendedErase([0x0102, 3]) == [0, 1, 1, 2, 0, 3, 1])
        #expect(STM32Frame.isIntact(STM32Frame.data([UInt8](0...255))))
        #expect(!STM32Frame.isIntact([8, 0, 0, 0, 9]))
        #expect(STM32Frame.number([0x08, 0, 0x40, 0]) == 0x0800_4000)
    }

    @Test("the answer to get names version and commands; a damaged one is none")
    func info() throws {
        let bytes: [UInt8] = [0x0B, 0x31, 0x00, 0x01, 0x02, 0x11, 0x21, 0x31, 0x44, 0x63, 0x73, 0x82, 0x92]
        let info = try #require(STM32LoaderInfo(parsing: bytes))
        #expect(info.versionText == "3.1")
        #expect(info.knows(.extendedErase) && !info.knows(.erase))
        #expect(info.bytes == bytes)
        #expect(STM32LoaderInfo(parsing: Array(bytes.dropLast())) == nil)
        #expect(STM32LoaderInfo(parsing: [0x02, 0x31, 0x01, 0x02]) == nil)
        #expect(STM32LoaderInfo(parsing: [0x02, 0x31, 0x00, 0x00]) == nil)
        #expect(STM32LoaderInfo.productID(parsing: [1, 0x04, 0x13]) == 0x413)
        #expect(STM32LoaderInfo.productID(parsing: [2, 0x04, 0x13]) == nil)
    }

    @Test("product ids and names are unique, and pages cover flash without a gap")
    func table() {
        #expect(Set(STM32Part.table.map(\.productID)).count == STM32Part.table.count)
        #expect(Set(STM32Part.table.map(\.name)).count == STM32Part.table.count)
        for part in STM32Part.table {
            let pages = part.pages(flashKiB: part.largest)
            var next = UInt64(STM32Part.flashBase)
            for (index, page) in pages.enumerated() {
                #expect(page.range.lowerBound == next && Int(page.number) == index)
                next = page.range.upperBound
            }
            #expect(next == UInt64(STM32Part.flashBase) + UInt64(part.largest) * 1024, "\(part.name)")
            #expect(STM32Part.named(part.name) == part && STM32Part.with(productID: part.productID) == part)
        }
        #expect(STM32Part.with(productID: 0x999) == nil)
    }

    @Test("sectors of the F4: 16, 64 and 128 KiB, from the start again in the second bank of 2 MiB")
    func sectors() throws {
        let f405 = try #require(STM32Part.with(productID: 0x413)).pages(flashKiB: 1024)
        #expect(f405.count == 12)
        #expect(f405[4].range == 0x0801_0000..<0x0802_0000)
        #expect(f405[11].range == 0x080E_0000..<0x0810_0000)
        let f42 = try #require(STM32Part.with(productID: 0x419)).pages(flashKiB: 2048)
        #expect(f42.count == 24)
        #expect(f42[12].range == 0x0810_0000..<0x0810_4000)
    }

    @Test("where an option bit numbers the second half, only the first half has pages")
    func halves() throws {
        let part = try #require(STM32Part.with(productID: 0x415))
        #expect(part.pages(flashKiB: 1024).count == 512)
        #expect(part.pages(flashKiB: 512).count == 128)
    }
}
