import BoardProtocols
import Testing

@testable import Simulation

@Suite("Simulated Espressif families")
struct EspressifChipModelTests {
    /// The answers of a loader to one request.
    private static func ask(_ machine: inout LoaderMachine, _ request: EspressifRequest) throws -> [EspressifResponse] {
        try machine.receive(request.body).compactMap { action in
            guard case .send(let body) = action else { return nil }
            return try EspressifResponse(parsing: body)
        }
    }

    private static func machine(_ chip: EspressifChip) throws -> LoaderMachine {
        LoaderMachine(identity: BoardLoaderTests.identity, flash: try FlashChip(file: nil), chip: chip)
    }

    @Test(
        "the ESP8266 and the ESP32 refuse to tell their security information, eight times",
        arguments: [
            (EspressifChip.esp8266, 2), (.esp32, 4),
        ])
    func noSecurityInfo(_ chip: EspressifChip, _ status: Int) throws {
        var machine = try Self.machine(chip)
        let answers = try Self.ask(&machine, EspressifRequest(.getSecurityInfo))
        #expect(answers.count == 8)
        #expect(answers.allSatisfy { $0.data.count == status && $0.data.prefix(2) == [1, 5] })
        let magic = try Self.ask(&machine, .readRegister(EspressifChip.magicRegister))
        #expect(EspressifChip.with(magic: magic[0].value) == chip)
    }

    @Test("the ESP8266's ROM knows nine commands")
    func esp8266Commands() throws {
        var known: [EspressifCommand] = []
        for command in EspressifCommand.allCases {
            var machine = try Self.machine(.esp8266)
            let words: [UInt32] = command == .writeRegister ? [0x6000_0078, 0, 0, 0] : [0, 0, 0x400, 0]
            // SYNC is answered eight times too, but with a yes.
            let answers = try Self.ask(&machine, EspressifRequest(command, words: words))
            if !(answers.count == 8 && answers[0].data[0] == 1) { known.append(command) }
        }
        #expect(
            known == [
                .flashBegin, .flashData, .flashEnd, .memoryBegin, .memoryEnd, .memoryData, .sync, .writeRegister,
                .readRegister,
            ])
    }

    @Test("older ROMs take FLASH_BEGIN with four words, newer ones with five", arguments: EspressifWire.chips)
    func flashBegin(_ chip: EspressifChip) throws {
        for extended in [false, true] {
            var machine = try Self.machine(chip)
            if chip != .esp8266 { _ = try Self.ask(&machine, .spiAttach(stub: false)) }
            let answer = try Self.ask(
                &machine,
                .flashBegin(
                    deflate: false, size: 4096, blocks: 4, blockSize: 1024, offset: 0x10000, extended: extended))
            #expect((answer[0].data[0] == 0) == (extended == chip.extendedFlashBegin))
        }
    }

    @Test("the ESP8266's ROM erases the sectors up to the next block twice over")
    func eraseDefect() {
        let model = ChipModel(.esp8266)
        #expect(model.romErases(5 * 4096, at: 0x10000) == 10 * 4096)
        #expect(model.romErases(20 * 4096, at: 0x10000) == 36 * 4096)
        #expect(model.romErases(4 * 4096, at: 0x1F000) == 5 * 4096)
        #expect(ChipModel(.esp32).romErases(4096, at: 0) == 4096)
    }

    @Test(
        "each ROM greets in its own words",
        arguments: [
            (EspressifChip.esp8266, " ets Jan  8 2013,rst cause:1, boot mode:(1,7)"),
            (.esp32, "ets Jul 29 2019 12:21:46"), (.esp32s3, "ESP-ROM:esp32s3-20210327"),
            (.esp32c3, "ESP-ROM:esp32c3-api1-20210207"),
        ])
    func banner(_ chip: EspressifChip, _ line: String) throws {
        let lines = BootSequence.loaderLines(afterPowerOn: true, chip: chip)
        #expect(lines.contains(line))
        #expect((lines.last == "waiting for download") == (chip != .esp8266))
    }

    @Test("a release boots on the chip it is for and on no other one", arguments: EspressifWire.chips)
    func boots(_ chip: EspressifChip) throws {
        let images = try FirmwareImages(version: "2.0.1", appSize: 32 << 10, chip: chip)
        #expect(images.app.count == 32 << 10)
        let flash = try FlashChip(file: nil)
        #expect(flash.program(Int(chip.bootloaderOffset), images.bootloader))
        #expect(flash.program(0x8000, images.partitionTable))
        #expect(flash.program(0x10000, images.app))
        for other in EspressifWire.chips {
            let boot = BootSequence(flash, chip: other)
            guard case .application(let installed) = boot.outcome else {
                #expect(other != chip, "\(boot.lines)")
                continue
            }
            #expect(other == chip)
            #expect(installed.version == "2.0.1")
        }
    }

    @Test("a restart from the stub leads back to the ROM at its rate")
    func restart() throws {
        let identity = BoardLoaderTests.identity
        var model = EspressifLoaderModel(identity: identity, flash: try FlashChip(file: nil), chip: .esp32)
        let code = [UInt8](repeating: 0x13, count: 100)
        _ = model.receive(
            EspressifRequest.memoryBegin(size: 100, blocks: 1, blockSize: 0x1800, address: 0x400A_8000).frame)
        _ = model.receive(EspressifRequest.memoryData(sequence: 0, code).frame)
        _ = model.receive(EspressifRequest.memoryEnd(entry: 0x400A_8020).frame)
        #expect(model.runsStub)
        _ = model.receive(
            EspressifRequest.flashBegin(
                deflate: false, size: 0, blocks: 0, blockSize: 0x4000, offset: 0, extended: true
            ).frame)
        let actions = model.receive(EspressifRequest.flashEnd(deflate: false, stay: false).frame)
        #expect(actions.dropFirst() == [.setBaud(115_200), .restart])
        #expect(String(decoding: model.banner(afterPowerOn: false), as: UTF8.self).contains("SW_CPU_RESET"))
        #expect(!model.runsStub)
    }
}
