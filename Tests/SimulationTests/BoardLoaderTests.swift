import BoardProtocols
import Foundation
import Testing

@testable import Simulation

@Suite("The simulated board's loader")
struct BoardLoaderTests {
    static let identity: BoardIdentity = {
        let mac: [UInt8] = [0x7C, 0xDF, 0xA1, 0x00, 0x00, 0x04]
        do {
            return try BoardIdentity(mac: mac, uid: Array(1...16), sn: "SN-000123")
        } catch {
            fatalError("\(error)")
        }
    }()

    /// A loader with its answers taken apart.
    struct Bench {
        var machine: LoaderMachine
        let flash: FlashChip

        init(stuckBit: BoardFault.StuckBit? = nil) throws {
            flash = try FlashChip(file: nil, stuckBit: stuckBit)
            machine = LoaderMachine(identity: BoardLoaderTests.identity, flash: flash)
        }

        mutating func ask(_ request: EspressifRequest) throws -> [EspressifResponse] {
            try machine.receive(request.body).compactMap { action in
                guard case .send(let body) = action, body != Array("OHAI".utf8) else { return nil }
                return try EspressifResponse(parsing: body)
            }
        }

        /// Uploads code and jumps to it, as for the stub.
        mutating func startStub() throws -> [LoaderMachine.Action] {
            let code = [UInt8](repeating: 0x13, count: 100)
            _ = try ask(.memoryBegin(size: 100, blocks: 1, blockSize: 0x1800, address: 0x4038_0000))
            _ = try ask(.memoryData(sequence: 0, code))
            return machine.receive(EspressifRequest.memoryEnd(entry: 0x4038_0020).body)
        }
    }

    @Test("SYNC is answered eight times, with a value that tells ROM from stub")
    func sync() throws {
        var bench = try Bench()
        let rom = try bench.ask(.sync)
        #expect(rom.count == 8)
        #expect(rom.allSatisfy { $0.value != 0 && $0.data == [0, 0, 0, 0] })
        _ = try bench.startStub()
        let stub = try bench.ask(.sync)
        #expect(stub.count == 8)
        #expect(stub.allSatisfy { $0.value == 0 && $0.data == [0, 0] })
    }

    @Test("eFuse registers hold MAC, unique id and SN where the station reads them")
    func efuses() throws {
        var bench = try Bench()
        func words(_ registers: [UInt32]) throws -> [UInt32] {
            try registers.map { try bench.ask(.readRegister($0))[0].value }
        }
        let chip = EspressifChip.esp32c3
        let uid = try #require(chip.uniqueID)
        let user = try #require(chip.userBlock)
        #expect(chip.macOctets(from: try words(chip.macRegisters)) == Self.identity.mac)
        #expect(LittleEndian.bytes(words: try words(uid.addresses)) == Array(1...16))
        let text = LittleEndian.bytes(words: try words(user.addresses))
        #expect(text == Array("SN-000123".utf8) + [UInt8](repeating: 0, count: text.count - 9))
        #expect(text.count >= 24)
    }

    @Test("GET_SECURITY_INFO names chip 5, the ESP32-C3")
    func securityInfo() throws {
        var bench = try Bench()
        let answer = try bench.ask(EspressifRequest(.getSecurityInfo))[0]
        #expect(EspressifSecurityInfo(parsing: try answer.payload(length: 20))?.chipID == 5)
    }

    @Test("the flash controller's registers run a read-identification command")
    func flashID() throws {
        var bench = try Bench()
        let spi = SPIController.later(base: 0x6000_2000)
        let writes: [(UInt32, UInt32)] = [
            (spi.misoLength, 23), (spi.user, SPIController.userHasCommand | SPIController.userReads),
            (spi.user2, 7 << 28 | SPIController.readFlashID), (spi.data, 0),
            (spi.command, SPIController.startUserCommand),
        ]
        for (register, value) in writes { _ = try bench.ask(.writeRegister(register, value)) }
        #expect(try bench.ask(.readRegister(spi.command))[0].value == 0)
        #expect(try bench.ask(.readRegister(spi.data))[0].value == 0x16_40C8)
    }

    @Test("an unknown command is refused eight times by the ROM and once by the stub")
    func unknownCommand() throws {
        var bench = try Bench()
        let rom = try bench.ask(EspressifRequest(.eraseFlash))
        #expect(rom.count == 8)
        #expect(rom[0].data == [1, 5, 0, 0])
        _ = try bench.startStub()
        let stub = try bench.ask(.readFlashSlow(offset: 0, length: 4))
        #expect(stub.map(\.data) == [[1, 0xFF]])
    }

    @Test("code that was uploaded becomes the stub; other code is silence")
    func jump() throws {
        var bench = try Bench()
        let actions = try bench.startStub()
        #expect(actions.last == .send(Array("OHAI".utf8)))
        #expect(bench.machine.program == .stub)
        var other = try Bench()
        #expect(other.machine.receive(EspressifRequest.memoryEnd(entry: 0x4038_0000).body).last == .hang)
    }

    @Test("a block with a wrong check value is refused and not written", arguments: [false, true])
    func blockChecksum(stub: Bool) throws {
        var bench = try Bench()
        if stub { _ = try bench.startStub() }
        _ = try bench.ask(.spiAttach(stub: stub))
        _ = try bench.ask(
            .flashBegin(deflate: false, size: 16, blocks: 1, blockSize: 16, offset: 0x1000, extended: true))
        var request = EspressifRequest.flashData(deflate: false, sequence: 0, [UInt8](repeating: 0x55, count: 16))
        request.checksum ^= 1
        #expect(try bench.ask(request)[0].data.prefix(2) == [1, stub ? 0xC1 : 7])
        #expect(bench.flash.read(0x1000, 16) == [UInt8](repeating: 0xFF, count: 16))
    }

    @Test("the ROM wants SPI_ATTACH before it touches the flash")
    func attach() throws {
        var bench = try Bench()
        let request = EspressifRequest.flashMD5(address: 0, size: 16)
        #expect(try bench.ask(request)[0].data.first == 1)
        _ = try bench.ask(.spiAttach(stub: false))
        let answer = try bench.ask(request)[0]
        #expect(String(decoding: try answer.payload(length: 32), as: UTF8.self) == "8d79cbc9a4ecdde112fc91ba625b13c2")
    }

    @Test("READ_FLASH runs ahead by its window, then waits for acknowledgements, and ends with the MD5")
    func stream() throws {
        var bench = try Bench()
        _ = try bench.startStub()
        func sends(_ actions: [LoaderMachine.Action]) -> Int {
            actions.count { if case .send = $0 { true } else { false } }
        }
        let first = bench.machine.receive(
            EspressifRequest.readFlash(offset: 0, length: 0x5000, packet: 0x1000, window: 2).body)
        #expect(sends(first) == 3)
        #expect(sends(bench.machine.receive(LittleEndian.bytes(UInt32(0x1000)))) == 1)
        #expect(sends(bench.machine.receive(LittleEndian.bytes(UInt32(0x3000)))) == 2)
        let last = bench.machine.receive(LittleEndian.bytes(UInt32(0x5000)))
        guard case .send(let digest) = last.first else {
            Issue.record("expected a digest, received \(last)")
            return
        }
        #expect(digest.count == 16)
        #expect(!bench.machine.isStreaming)
    }

    @Test("programming clears bits only, erasing sets a whole sector")
    func nor() throws {
        let flash = try FlashChip(file: nil)
        #expect(flash.program(0x1000, [0xF0, 0x0F]))
        #expect(flash.program(0x1000, [0x3F, 0xFF]))
        #expect(flash.read(0x1000, 3) == [0x30, 0x0F, 0xFF])
        #expect(flash.erase(0x1800, 1))
        #expect(flash.read(0x1000, 2) == [0xFF, 0xFF])
        #expect(!flash.program(flash.size - 1, [0, 0]))
    }

    @Test("a stuck bit makes the digest differ after every write", arguments: [true, false, nil] as [Bool?])
    func stuckBit(value: Bool?) throws {
        let written: UInt8 = value == true ? 0x00 : 0xFF
        let flash = try FlashChip(file: nil, stuckBit: .init(offset: 0x2004, bit: 3, value: value))
        for _ in 0..<2 {
            #expect(flash.erase(0x2000, 4096))
            #expect(flash.program(0x2000, [UInt8](repeating: written, count: 16)))
            #expect(flash.read(0x2004, 1) == [written ^ 8])
        }
    }

    @Test("what was written is in the file when the chip is opened again")
    func file() async throws {
        try await withBoardFolder { folder in
            let path = folder.appendingPathComponent("a.flash").path
            let first = try FlashChip(file: path)
            #expect(first.program(0x3000, Array("kept".utf8)))
            let second = try FlashChip(file: path)
            #expect(second.read(0x3000, 5) == Array("kept".utf8) + [0xFF])
        }
    }
}
