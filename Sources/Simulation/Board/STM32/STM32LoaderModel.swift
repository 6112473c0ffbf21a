public import BoardProtocols

/// The UART loader in the system memory of an STM32, with the chip's memory around it.
///
/// Takes bytes in any portions and keeps waiting for the rest of a frame for ever, as the chip does. Flash begins at
/// offset 0 of the ``FlashChip``. Source: ST AN3155; sizes and addresses as in `STM32Part`.
public struct STM32LoaderModel: WireModel {
    /// What is wrong with the board or its line; each happens once, counted from 0.
    public struct Faults: Sendable, Equatable {
        /// Each byte sent is disturbed with this probability; see `BoardFault.garbage`.
        public var garbage: (seed: UInt64, rate: Double)?
        /// The write that is refused although its frame is right.
        public var refusedWrite: Int?
        /// The write that is done without an answer.
        public var silentWrite: Int?
        /// The byte received that does not arrive.
        public var lostByte: Int?

        public init(
            garbage: (seed: UInt64, rate: Double)? = nil, refusedWrite: Int? = nil, silentWrite: Int? = nil,
            lostByte: Int? = nil
        ) {
            self.garbage = garbage
            self.refusedWrite = refusedWrite
            self.silentWrite = silentWrite
            self.lostByte = lostByte
        }

        public static func == (left: Self, right: Self) -> Bool {
            left.garbage?.seed == right.garbage?.seed && left.garbage?.rate == right.garbage?.rate
                && left.refusedWrite == right.refusedWrite && left.silentWrite == right.silentWrite
                && left.lostByte == right.lostByte
        }
    }

    /// What the loader waits for.
    enum State: Equatable {
        case synchronise
        case command
        case complement(UInt8)
        case frame(STM32Command, Portion, [UInt8])
        /// It jumped into a program and answers no more.
        case gone
    }

    /// A part of a command that ends with a check byte.
    enum Portion: Equatable {
        case address
        case readLength(UInt32)
        case data(UInt32)
        case pages
    }

    public let part: STM32Part
    public let info: STM32LoaderInfo
    public let flash: FlashChip
    public let flashKiB: Int
    let areas: [(start: UInt32, bytes: [UInt8])]
    var faults: Faults
    private var noise: LineNoise?
    /// How long the chip takes to erase one page.
    public var eraseTime = Duration.zero
    /// Refuses to read, write, erase and go while it is set.
    public internal(set) var isReadProtected: Bool
    /// Numbers of the pages erased, in order.
    public internal(set) var erasedPages: [UInt16] = []
    /// How often the whole flash was erased.
    public internal(set) var massErases = 0
    /// Write frames taken, right or wrong.
    public internal(set) var writes = 0
    /// Bytes received, the lost one included.
    public private(set) var received = 0
    /// Where the last go command pointed to.
    public internal(set) var startedAt: UInt32?
    var state = State.synchronise

    /// - Parameters:
    ///   - uid: 12 bytes.
    ///   - oneTime: one-time programmable memory: address and contents.
    public init(
        part: STM32Part, info: STM32LoaderInfo, flash: FlashChip, flashKiB: Int, uid: [UInt8],
        oneTime: (start: UInt32, bytes: [UInt8])? = nil, isReadProtected: Bool = false, faults: Faults = Faults()
    ) {
        precondition(flashKiB * 1024 <= flash.size && uid.count == STM32Part.uidLength)
        self.part = part
        self.info = info
        self.flash = flash
        self.flashKiB = flashKiB
        self.isReadProtected = isReadProtected
        self.faults = faults
        noise = faults.garbage.map { LineNoise(seed: $0.seed) }
        // The size register's word as a whole: it is read with the half-word beside it.
        let size = LittleEndian.bytes(UInt16(flashKiB))
        let word = part.sizeRegister % 4 == 2 ? [0xFF, 0xFF] + size : size + [0xFF, 0xFF]
        areas = [(part.uidAddress, uid), (part.sizeRegister & ~3, word)] + (oneTime.map { [$0] } ?? [])
    }

    /// An STM32F407 with 1 MiB: sectors of 16, 64 and 128 KiB, loader 3.1 with the extended erase command.
    /// - Parameter serial: text in the one-time programmable memory at 1FFF7800h.
    public static func f4(
        flash: FlashChip, uid: [UInt8], serial: String? = nil, isReadProtected: Bool = false, faults: Faults = Faults()
    ) -> STM32LoaderModel? {
        let commands: [STM32Command] = [
            .get, .version, .getID, .read, .go, .write, .extendedErase, .writeProtect, .writeUnprotect, .readProtect,
            .readUnprotect,
        ]
        let text = Array((serial ?? "").utf8)
        return STM32Part.with(productID: 0x413).map {
            STM32LoaderModel(
                part: $0, info: STM32LoaderInfo(version: 0x31, codes: commands.map(\.rawValue)), flash: flash,
                flashKiB: 1024, uid: uid,
                oneTime: (0x1FFF_7800, text + [UInt8](repeating: 0xFF, count: max(0, 512 - text.count))),
                isReadProtected: isReadProtected, faults: faults)
        }
    }

    /// An STM32F103 with 512 KiB: pages of 2 KiB, loader 2.2 with the erase command of one byte a page.
    public static func f1(
        flash: FlashChip, uid: [UInt8], isReadProtected: Bool = false, faults: Faults = Faults()
    ) -> STM32LoaderModel? {
        let commands: [STM32Command] = [
            .get, .version, .getID, .read, .go, .write, .erase, .writeProtect, .writeUnprotect, .readProtect,
            .readUnprotect,
        ]
        return STM32Part.with(productID: 0x414).map {
            STM32LoaderModel(
                part: $0, info: STM32LoaderInfo(version: 0x22, codes: commands.map(\.rawValue)), flash: flash,
                flashKiB: 512, uid: uid, isReadProtected: isReadProtected, faults: faults)
        }
    }

    /// As after a reset with BOOT0 high.
    public mutating func reset() { state = .synchronise }

    public mutating func receive(_ input: [UInt8]) -> [WireAction] {
        var actions: [WireAction] = []
        for byte in input {
            defer { received += 1 }
            if received == faults.lostByte { continue }
            actions += take(byte)
        }
        guard faults.garbage != nil else { return actions }
        return actions.map { disturbed($0) }
    }

    private mutating func disturbed(_ action: WireAction) -> WireAction {
        guard let rate = faults.garbage?.rate, var noise else { return action }
        defer { self.noise = noise }
        switch action {
        case .send(let bytes): return .send(noise.disturb(bytes, rate: rate))
        case .sendAfter(let time, let bytes): return .sendAfter(time, noise.disturb(bytes, rate: rate))
        default: return action
        }
    }
}
