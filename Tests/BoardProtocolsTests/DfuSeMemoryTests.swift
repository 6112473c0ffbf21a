import BoardProtocols
import Testing

@Suite("DfuSe memory map")
struct DfuSeMemoryTests {
    private static let flash = "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"

    @Test("The map of an STM32F4 has its twelve sectors, each where it belongs")
    func sectors() throws {
        let memory = try #require(DfuSeMemory(Self.flash))
        #expect(memory.name == "Internal Flash")
        let sectors = try #require(memory.sectors(0x0800_0000..<0x0810_0000))
        #expect(sectors.count == 12)
        #expect(
            sectors.map(\.range.lowerBound).prefix(6)
                == [0x0800_0000, 0x0800_4000, 0x0800_8000, 0x0800_C000, 0x0801_0000, 0x0802_0000])
        #expect(sectors.allSatisfy { $0.run.isReadable && $0.run.isErasable && $0.run.isWritable })
    }

    @Test("A range touches the sectors that hold a byte of it, and none outside the map")
    func touched() throws {
        let memory = try #require(DfuSeMemory(Self.flash))
        #expect(memory.sectors(0x0800_FFFF..<0x0801_0001)?.map(\.range.count) == [0x4000, 0x10000])
        #expect(memory.sectors(0x0800_0000..<0x0810_0001) == nil)
        #expect(memory.sectors(0x07FF_FFFF..<0x0800_0001) == nil)
    }

    @Test("Several addresses, units and rights are told apart")
    func rights() throws {
        let memory = try #require(
            DfuSeMemory("@Parts /0x08000000/02*002Ka,10*001Kg/0x1FFF7800/01*512 e/0x90000000/1*16Mg"))
        #expect(memory.runs.map(\.size) == [2048, 1024, 512, 16 << 20])
        #expect(memory.runs[0].isReadable && !memory.runs[0].isErasable && !memory.runs[0].isWritable)
        #expect(memory.runs[2].isReadable && !memory.runs[2].isErasable && memory.runs[2].isWritable)
        #expect(memory.runs[1].address == 0x0800_1000 && memory.isReadable(0x0800_0000..<0x0800_3800))
    }

    @Test(
        "Text that is no map is refused",
        arguments: [
            "", "firmware", "@Flash", "@Flash/0x08000000", "@Flash/08000000/1*1Kg", "@Flash/0x08000000/1*0Kg",
            "@Flash/0x08000000/0*1Kg", "@Flash/0x08000000/1*1Kh", "@Flash/0x08000000/1x1Kg", "@F/0xZZ/1*1Kg",
            "@F/0x08000000/1*1Kg,", "@F/0xFFFFF000/9*4Kg", "@F/0x0/4294967295*4095Mg", "@F/0x0/1*1Kg/0x1",
        ])
    func refused(text: String) { #expect(DfuSeMemory(text) == nil) }
}
