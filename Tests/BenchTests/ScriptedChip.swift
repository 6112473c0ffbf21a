import Bench
import BoardProtocols
import Locking

/// The smallest ESP32-C3 loader that a flasher can talk to: registers, a flash that believes what it is told, and
/// switches for trouble. It does not inflate: what blocks hold is checked by the full simulated board.
final class ScriptedChip: Sendable {
    struct State {
        var registers: [UInt32: UInt32] = [:]
        var flashID: UInt32 = 0x16_40C8
        /// MD5 answered for a region's address; others answer all zeros.
        var digests: [UInt32: [UInt8]] = [:]
        var isStub = false
        /// Requests seen, in order.
        var log: [UInt8] = []
        var erased: [UInt32] = []
        /// Called before the usual answer; a non-nil result replaces it.
        var override: (@Sendable (EspressifRequest, inout State) -> [UInt8]?)?
    }

    let state: Locked<State>

    init(mac: [UInt8] = [0x7C, 0xDF, 0xA1, 0, 0, 4], uid: [UInt32] = [1, 2, 3, 4]) {
        var start = State()
        let chip = EspressifChip.esp32c3
        for (address, word) in zip(chip.macRegisters, EspressifChip.macWords(from: mac)) {
            start.registers[address] = word
        }
        for (address, word) in zip(chip.uniqueID?.addresses ?? [], uid) { start.registers[address] = word }
        state = Locked(start)
    }

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    var log: [UInt8] { state.withLock(\.log) }

    /// A handler for one connection.
    func handler() -> BoardServer.Handler {
        let decoder = Locked(SLIP.Decoder(firstBytes: [0]))
        return { [self] bytes in
            var answer: [UInt8] = []
            for item in decoder.withLock({ $0.push(bytes) }) {
                guard case .frame(let frame) = item, let request = try? EspressifRequest(parsing: frame) else {
                    continue
                }
                answer += state.withLock { Self.answer(request, &$0) }
            }
            return answer
        }
    }

    private static func answer(_ request: EspressifRequest, _ state: inout State) -> [UInt8] {
        state.log.append(request.operation)
        if let override = state.override, let answer = override(request, &state) { return answer }
        func done(value: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
            EspressifResponse(
                request.operation, value: value, payload: payload, statusLength: state.isStub ? 2 : 4
            ).frame
        }
        switch request.command {
        case .sync: return (0..<8).flatMap { _ in done(value: state.isStub ? 0 : 0x2012_0707) }
        case .getSecurityInfo: return done(EspressifSecurityInfo(chipID: 5, ecoVersion: 3).bytes)
        case .readRegister:
            let address = request.word(0) ?? 0
            return done(value: state.registers[address] ?? 0)
        case .writeRegister:
            write(request.word(0) ?? 0, request.word(1) ?? 0, &state)
            return done()
        case .flashDeflateBegin:
            state.erased.append(request.word(3) ?? 0)
            return done()
        case .flashDeflateData, .memoryData:
            guard let block = request.block, EspressifRequest.blockChecksum(block.payload) == request.checksum else {
                return refuse(request, .badChecksum)
            }
            return done()
        case .spiFlashMD5:
            let digest = state.digests[request.word(0) ?? 0] ?? [UInt8](repeating: 0, count: 16)
            return done(state.isStub ? digest : Array(Digest.hex(digest).utf8))
        case .memoryEnd:
            let answer = done()
            state.isStub = true
            return answer + SLIP.encode(Array("OHAI".utf8))
        case .spiAttach, .spiSetParameters, .changeBaud, .memoryBegin: return done()
        default: return refuse(request, .badMessage)
        }
    }

    static func refuse(_ request: EspressifRequest, _ reason: EspressifReason) -> [UInt8] {
        EspressifResponse(request.operation, refusing: reason, statusLength: 4).frame
    }

    private static func write(_ address: UInt32, _ value: UInt32, _ state: inout State) {
        state.registers[address] = value
        let controllers = [EspressifChip.esp32c3, .esp32].compactMap(\.spi)
        guard let spi = controllers.first(where: { $0.command == address }),
            value & SPIController.startUserCommand != 0
        else { return }
        state.registers[spi.command] = 0
        if (state.registers[spi.user2] ?? 0) & 0xFFFF == SPIController.readFlashID {
            state.registers[spi.data] = state.flashID
        }
    }
}
