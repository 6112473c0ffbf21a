public import Provisioning

/// What a board says about itself through its loader. Raw values: the identity rules judge them.
public struct BoardReading: Sendable, Equatable {
    /// `ESP32-C3`.
    public var chip: String
    /// Factory MAC, six octets in printed order, as the eFuses hold them (also all zero).
    public var mac: [UInt8]
    /// The hardware UID's bytes in the order in which they lie in memory.
    public var uid: [UInt8]
    public var uidSource: HardwareUID.Source
    /// eFuse BLOCK3 up to its first NUL, where it was asked for and holds printable ASCII, or the IMEI or serial number
    /// that a module states; nil where there is none.
    public var identityText: String?
    /// JEDEC id of the flash chip: capacity (as a power of two) << 16 | type << 8 | maker; nil where not read.
    public var flashID: UInt32?
    /// How many consecutive addresses the board uses, from the factory MAC.
    public var addressCount: Int
    /// Number of the SIM card in the board's modem, 19 or 20 digits; nil where there is none to read.
    public var iccid: String? = nil

    /// The unit tag that the board carries; nil where it carries none, or none was looked for.
    public var tag: String?

    /// Upper-case hex of the UID.
    public var uidHex: String { Digest.hex(uid).uppercased() }
    /// Upper-case hex of the MAC.
    public var macHex: String { Digest.hex(mac).uppercased() }

    /// What tells the board from others, for a sentence.
    public var summary: String {
        let named = [mac.isEmpty ? nil : "MAC \(macHex)", identityText.map { "\"\($0)\"" }].compactMap { $0 }
        return (named + ["UID \(uidHex)"]).joined(separator: ", ")
    }

    /// True where MAC, UID, identity text and SIM card are the same: the test whether it is still the same board.
    public func isSameBoard(as other: BoardReading) -> Bool {
        chip == other.chip && mac == other.mac && uid == other.uid && uidSource == other.uidSource
            && identityText == other.identityText && iccid == other.iccid
    }
}
