/// Why a loader refused a command: the byte after the status byte.
///
/// Source: Espressif serial protocol, "Error codes"; C0h and above are the stub's.
public struct EspressifReason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The message was malformed, or the command is unknown to this loader.
    public static let badMessage = Self(rawValue: 0x05)
    public static let couldNotAct = Self(rawValue: 0x06)
    /// The block's XOR check value did not fit: noise on the line, or bad power while loading RAM.
    public static let badChecksum = Self(rawValue: 0x07)
    public static let flashWrite = Self(rawValue: 0x08)
    public static let flashRead = Self(rawValue: 0x09)
    public static let readLength = Self(rawValue: 0x0A)
    public static let deflate = Self(rawValue: 0x0B)
    public static let stubDataLength = Self(rawValue: 0xC0)
    public static let stubChecksum = Self(rawValue: 0xC1)
    public static let stubBlockSize = Self(rawValue: 0xC2)
    public static let stubCommand = Self(rawValue: 0xC3)
    public static let stubSPIOperation = Self(rawValue: 0xC4)
    public static let stubSPIUnlock = Self(rawValue: 0xC5)
    public static let stubNotInFlashMode = Self(rawValue: 0xC6)
    public static let stubInflate = Self(rawValue: 0xC7)
    public static let stubNotEnoughData = Self(rawValue: 0xC8)
    public static let stubTooMuchData = Self(rawValue: 0xC9)
    public static let notImplemented = Self(rawValue: 0xFF)

    private static let sentences: [Self: String] = [
        .badMessage: "bad message or unknown command", .couldNotAct: "could not act on the message",
        .badChecksum: "checksum error", .flashWrite: "flash write error", .flashRead: "flash read error",
        .readLength: "bad read length", .deflate: "deflate error", .stubDataLength: "bad data length",
        .stubChecksum: "checksum error", .stubBlockSize: "bad block size", .stubCommand: "unknown command",
        .stubSPIOperation: "SPI operation failed", .stubSPIUnlock: "SPI unlock failed",
        .stubNotInFlashMode: "not in flash mode", .stubInflate: "inflate error", .stubNotEnoughData: "not enough data",
        .stubTooMuchData: "too much data", .notImplemented: "not implemented",
    ]

    public var description: String {
        let hex = String(rawValue, radix: 16, uppercase: true)
        return "01\(hex.count == 1 ? "0" + hex : hex): \(Self.sentences[self] ?? "unknown reason")"
    }
}

/// A frame that is not a request or an answer of the loader protocol.
public enum EspressifFormatError: Error, Equatable, Sendable {
    /// Fewer bytes than the header and the length it states.
    case short(expected: Int, received: Int)
    /// The first byte is neither 00 (request) nor 01 (answer) where that was expected.
    case direction(expected: UInt8, received: UInt8)
    /// The loader said no.
    case refused(EspressifReason)
}
