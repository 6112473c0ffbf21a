import BoardProtocols
import Crypto

/// The download loader of a simulated chip: mask ROM first, the RAM stub once one was uploaded and started.
///
/// Takes the frames that arrived and returns what the board does about them; knows nothing of wires and time. Uploaded
/// code is not executed: an entry point that lies in uploaded memory is taken to be Espressif's stub, whose commands
/// are then offered. As on real chips the sequence number of a flash block is not looked at, so a block that is sent
/// again after its answer was lost is written twice. Source: Espressif serial protocol.
struct LoaderMachine {
    /// Which program answers.
    enum Program { case rom, stub }

    /// What the board does next, in order.
    enum Action: Equatable {
        /// The body of a frame, to be sent at the present rate.
        case send([UInt8])
        /// The UART's rate from now on, in baud.
        case setBaud(Int)
        /// Leave the loader and boot from flash.
        case run
        /// Reset by software: the strapping is not sampled again, so the ROM's loader starts anew.
        case restart
        /// Code ran that is not known here: silence until the next reset.
        case hang
    }

    private(set) var program = Program.rom
    /// True while frames of four bytes acknowledge a READ_FLASH.
    var isStreaming: Bool { stream != nil }

    let flash: FlashChip
    let model: ChipModel
    var registers: ChipRegisters
    private(set) var baud = 115_200
    /// The ROM reaches the flash only after SPI_ATTACH, the ESP8266's after FLASH_BEGIN; the stub attaches it itself.
    private var attached = false
    private var upload: MemoryUpload?
    private var transfer: FlashTransfer?
    private var stream: FlashStream?

    /// A loader as it is after reset.
    init(identity: BoardIdentity, flash: FlashChip, chip: EspressifChip = .esp32c3) {
        self.flash = flash
        model = ChipModel(chip)
        registers = ChipRegisters(identity: identity, flash: flash, model: model)
    }

    /// Takes one frame's body.
    mutating func receive(_ body: [UInt8]) -> [Action] {
        if stream != nil {
            if body.count == 4, let total = LittleEndian.u32(body, at: 0) { return acknowledge(Int(total)) }
            stream = nil
        }
        guard let request = try? EspressifRequest(parsing: body) else {
            guard body.count >= 8, body[0] == 0 else { return [] }
            return [refusal(body[1], program == .rom ? .badMessage : .stubDataLength)]
        }
        guard let command = request.command, isOffered(command) else {
            guard program == .rom else { return [refusal(request.operation, .notImplemented)] }
            // The ROM's refusal names another operation than the one asked for; clients tell it by its reason.
            return [Action](repeating: refusal(0, .badMessage), count: 8)
        }
        if command.carriesBlock {
            guard let block = request.block else {
                return [refusal(request.operation, program == .rom ? .badMessage : .stubDataLength)]
            }
            guard EspressifRequest.blockChecksum(block.payload) == request.checksum else {
                return [refusal(request.operation, program == .rom ? .badChecksum : .stubChecksum)]
            }
            return take(block, command)
        }
        return perform(command, request)
    }

    private func isOffered(_ command: EspressifCommand) -> Bool {
        guard program == .stub else { return model.romOffers(command) }
        return switch command {
        case .readFlashSlow, .flashEncryptedData: false
        case .getSecurityInfo: model.hasSecurityInfo
        default: true
        }
    }

    private var statusLength: Int { program == .rom ? model.chip.romStatusLength : 2 }

    private func done(_ operation: UInt8, value: UInt32 = 0, payload: [UInt8] = []) -> Action {
        .send(EspressifResponse(operation, value: value, payload: payload, statusLength: statusLength).body)
    }

    private func refusal(_ operation: UInt8, _ reason: EspressifReason) -> Action {
        .send(EspressifResponse(operation, refusing: reason, statusLength: statusLength).body)
    }

    // MARK: - Commands

    private mutating func perform(_ command: EspressifCommand, _ request: EspressifRequest) -> [Action] {
        let operation = command.rawValue
        func word(_ index: Int) -> UInt32 { request.word(index) ?? 0 }
        switch command {
        case .sync:
            return [Action](
                repeating: done(operation, value: program == .rom ? 0x2012_0707 : 0), count: 8)
        case .readRegister:
            return [done(operation, value: registers.read(word(0), baud: baud))]
        case .writeRegister:
            return writeRegisters(request)
        case .getSecurityInfo:
            return [done(operation, payload: model.securityInfo.bytes)]
        case .spiAttach:
            attached = true
            return [done(operation)]
        case .spiSetParameters:
            return [done(operation)]
        case .changeBaud:
            guard (300...10_000_000).contains(word(0)) else { return [refusal(operation, .couldNotAct)] }
            baud = Int(word(0))
            return [done(operation), .setBaud(baud)]
        case .memoryBegin:
            upload = MemoryUpload(address: word(3), size: Int(word(0)), blockSize: Int(word(2)))
            return [upload == nil ? refusal(operation, .couldNotAct) : done(operation)]
        case .memoryEnd:
            return word(0) == 1 ? [done(operation)] : jump(to: word(1))
        case .readFlashSlow:
            guard attached, word(1) <= 64, flash.contains(Int(word(0)), Int(word(1))) else {
                return [refusal(operation, word(1) > 64 ? .readLength : .flashRead)]
            }
            let bytes = flash.read(Int(word(0)), Int(word(1)))
            return [done(operation, payload: bytes + [UInt8](repeating: 0, count: 64 - bytes.count))]
        case .runUserCode:
            return [.run]
        case .eraseFlash, .eraseRegion:
            return [erase(command, offset: Int(word(0)), count: Int(word(1)))]
        case .spiFlashMD5:
            return [digest(offset: Int(word(0)), count: Int(word(1)))]
        case .readFlash:
            return beginStream(request)
        case .flashBegin, .flashDeflateBegin:
            return [beginTransfer(command, request)]
        case .flashEnd, .flashDeflateEnd:
            return endTransfer(command, stays: word(0) != 0)
        case .flashData, .flashDeflateData, .memoryData, .flashEncryptedData:
            return [refusal(operation, .badMessage)]
        }
    }

    /// WRITE_REG takes one or more groups of address, value, mask and delay.
    private mutating func writeRegisters(_ request: EspressifRequest) -> [Action] {
        var actions = [done(request.operation)]
        for group in stride(from: 0, to: request.data.count / 4, by: 4) {
            guard let address = request.word(group), let value = request.word(group + 1) else { break }
            let effect = registers.write(address, value, mask: request.word(group + 2) ?? .max, baud: baud)
            if effect == .watchdogReset { actions.append(.run) }
        }
        return actions
    }

    private mutating func jump(to entry: UInt32) -> [Action] {
        let answer = done(EspressifCommand.memoryEnd.rawValue)
        guard registers.holdsCode(at: entry) else { return [answer, .hang] }
        program = .stub
        attached = true
        transfer = nil
        return [answer, .send(Array("OHAI".utf8))]
    }

    private func erase(_ command: EspressifCommand, offset: Int, count: Int) -> Action {
        let operation = command.rawValue
        if command == .eraseFlash {
            return flash.erase(0, flash.size) ? done(operation) : refusal(operation, .stubSPIOperation)
        }
        guard offset % FlashChip.sector == 0, count % FlashChip.sector == 0 else {
            return refusal(operation, .stubBlockSize)
        }
        return flash.erase(offset, count) ? done(operation) : refusal(operation, .stubSPIOperation)
    }

    private func digest(offset: Int, count: Int) -> Action {
        let operation = EspressifCommand.spiFlashMD5.rawValue
        var hash = Insecure.MD5()
        guard attached, flash.withBytes(offset, count, { hash.update(bufferPointer: $0) }) else {
            return refusal(operation, program == .rom ? .flashRead : .stubSPIOperation)
        }
        let sum = Array(hash.finalize())
        guard program == .rom else { return done(operation, payload: sum) }
        let digits = Array("0123456789abcdef".utf8)
        return done(operation, payload: sum.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    // MARK: - Blocks

    private mutating func take(_ block: EspressifRequest.Block, _ command: EspressifCommand) -> [Action] {
        let operation = command.rawValue
        if command == .memoryData {
            guard let segment = upload?.store(block) else { return [refusal(operation, .couldNotAct)] }
            registers.load(segment.bytes, at: segment.address)
            return [done(operation)]
        }
        guard transfer?.deflates == (command == .flashDeflateData) else {
            return [refusal(operation, program == .rom ? .couldNotAct : .stubNotInFlashMode)]
        }
        guard let failure = transfer?.write(block.payload, to: flash) else { return [done(operation)] }
        return [refusal(operation, program == .rom ? failure.rom : failure.stub)]
    }

    private mutating func beginTransfer(_ command: EspressifCommand, _ request: EspressifRequest) -> Action {
        // Only newer ROMs know the word "encrypted"; each wants its own number of words.
        if program == .rom, request.data.count != (model.chip.extendedFlashBegin ? 20 : 16) {
            return refusal(command.rawValue, .badMessage)
        }
        if model.chip == .esp8266 { attached = true }
        let words = (0..<4).map { Int(request.word($0) ?? 0) }
        guard attached, flash.contains(words[3], words[0]) else {
            return refusal(command.rawValue, program == .rom ? .flashWrite : .stubSPIOperation)
        }
        let deflates = command == .flashDeflateBegin
        // The ROM erases at once and takes whole blocks; the stub erases while it writes and cuts the last block.
        let size = program == .rom && !deflates ? max(words[0], words[1] * words[2]) : words[0]
        let erased = model.romErases(words[0], at: words[3])
        transfer = FlashTransfer(
            deflates: deflates, offset: words[3], size: size, erasesAhead: program == .rom ? erased : nil)
        if program == .rom, !flash.erase(words[3], min(erased, flash.size - words[3])) {
            return refusal(command.rawValue, .flashWrite)
        }
        return done(command.rawValue)
    }

    private mutating func endTransfer(_ command: EspressifCommand, stays: Bool) -> [Action] {
        let ended = transfer
        transfer = nil
        // The ROM takes "stay" as "run the application"; on both, the other value is a reset.
        guard program == .stub else { return [done(command.rawValue), stays ? .run : .restart] }
        guard let ended else { return [refusal(command.rawValue, .stubNotInFlashMode)] }
        guard ended.remaining == 0 else { return [refusal(command.rawValue, .stubNotEnoughData)] }
        return stays ? [done(command.rawValue)] : [done(command.rawValue), .restart]
    }

    // MARK: - READ_FLASH

    private mutating func beginStream(_ request: EspressifRequest) -> [Action] {
        let words = (0..<4).map { Int(request.word($0) ?? 0) }
        guard flash.contains(words[0], words[1]), (1...16384).contains(words[2]), words[3] > 0 else {
            return [refusal(request.operation, .stubSPIOperation)]
        }
        let answer = done(request.operation)
        stream = FlashStream(offset: words[0], length: words[1], packet: words[2], window: words[3])
        return [answer] + acknowledge(0)
    }

    private mutating func acknowledge(_ total: Int) -> [Action] {
        guard let step = stream?.acknowledge(total, flash: flash) else { return [] }
        if step.finished { stream = nil }
        return step.frames.map { .send($0) }
    }
}
