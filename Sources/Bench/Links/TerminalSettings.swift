import Glibc

/// The kernel's `termios2`: like `termios`, but with rates as plain numbers, so any rate can be asked for.
///
/// The C library does not declare it. Layout, flag values and request numbers are those of Linux on x86-64 and arm64
/// (asm-generic/termbits.h, asm-generic/ioctls.h).
struct TerminalSettings {
    private static let get: UInt = 0x802C_542A
    private static let set: UInt = 0x402C_542B
    private static let length = 44

    private static let rateMask: UInt32 = 0x100F
    private static let otherRate: UInt32 = 0x1000
    private static let inputRateShift: UInt32 = 16
    private static let eightBits: UInt32 = 0x30
    private static let twoStopBits: UInt32 = 0x40
    private static let receiver: UInt32 = 0x80
    private static let parity: UInt32 = 0x100
    private static let oddParity: UInt32 = 0x200
    private static let checksInputParity: UInt32 = 0x10
    private static let hangUpOnClose: UInt32 = 0x400
    private static let ignoreModemLines: UInt32 = 0x800
    private static let hardwareFlowControl: UInt32 = 0x8000_0000

    private var bytes = [UInt8](repeating: 0, count: length)

    /// Reads the settings of an open terminal; nil with the error number on failure.
    init?(of descriptor: Int32) {
        let result = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { ioctl(descriptor, Self.get, $0) } ?? -1
        }
        guard result == 0 else { return nil }
    }

    /// Puts the settings into effect; false with the error number on failure.
    func apply(to descriptor: Int32) -> Bool {
        var copy = bytes
        return copy.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { ioctl(descriptor, Self.set, $0) == 0 } ?? false
        }
    }

    /// Rate of each direction in bits a second.
    var outputBaud: Int { Int(word(10)) }
    var inputBaud: Int { Int(word(9)) }

    mutating func setBaud(_ baud: Int) {
        let cleared = word(2) & ~(Self.rateMask | Self.rateMask << Self.inputRateShift)
        setWord(2, cleared | Self.otherRate | Self.otherRate << Self.inputRateShift)
        setWord(9, UInt32(truncatingIfNeeded: baud))
        setWord(10, UInt32(truncatingIfNeeded: baud))
    }

    /// 8N1, or 8E1 with damaged bytes read as 00h, without any processing, flow control or hang-up on close; a read waits
    /// for at least one byte, so that an
    /// empty answer means the line is gone.
    mutating func makeRaw(parity: SerialParity = .none) {
        setWord(0, parity == .even ? Self.checksInputParity : 0)
        setWord(1, 0)
        setWord(3, 0)
        let off =
            Self.twoStopBits | Self.parity | Self.oddParity | Self.hangUpOnClose | Self.hardwareFlowControl
        let on = Self.eightBits | Self.receiver | Self.ignoreModemLines | (parity == .even ? Self.parity : 0)
        setWord(2, word(2) & ~off | on)
        bytes[17 + Int(VTIME)] = 0
        bytes[17 + Int(VMIN)] = 1
    }

    /// True when nothing changes bytes on their way. Parity and stop bits are not compared: a pty drops them.
    var isRaw: Bool {
        let input = UInt32(ICRNL | INLCR | IGNCR | ISTRIP | IXON | IXOFF)
        let local = UInt32(ICANON | ECHO | ISIG | IEXTEN)
        return word(0) & input == 0 && word(1) & UInt32(OPOST) == 0 && word(3) & local == 0
            && word(2) & Self.eightBits == Self.eightBits
    }

    var hasEvenParity: Bool { word(2) & (Self.parity | Self.oddParity) == Self.parity }

    var hangsUpOnClose: Bool { word(2) & Self.hangUpOnClose != 0 }

    // Words 0…3 are the input, output, control and local flags at bytes 0…15; words 9 and 10 the rates at 36 and 40,
    // behind the line discipline (byte 16) and 19 control characters.
    private func word(_ index: Int) -> UInt32 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self) }
    }

    private mutating func setWord(_ index: Int, _ value: UInt32) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: index * 4, as: UInt32.self) }
    }
}
