/// What the loader is doing, for progress on a page and lines in a log. Byte counts are bytes of flash.
public enum FlashEvent: Sendable, Equatable {
    /// Reset into the loader and synchronising, `attempt` from 1.
    case connecting(attempt: Int)
    case connected(chip: String)
    /// The port has no modem lines: the board is reset by its control or by hand. Said once a connection.
    case noModemLines
    /// The stub runs; SHA-256 (hex) of the file it came from.
    case stub(name: String, sha256: String)
    /// The ROM's own loader is used, and why.
    case romOnly(reason: String)
    case baud(Int)
    /// The line failed at a rate and starts anew at a lower one.
    case steppedDown(from: Int, to: Int, reason: String)
    /// A region's flash already holds the image.
    case skipped(region: String, bytes: Int)
    case erasing(region: String, bytes: Int)
    case writing(region: String, sent: Int, total: Int)
    /// A block is sent again, `attempt` from 2.
    case retrying(region: String, address: UInt32, attempt: Int, reason: String)
    case verifying(region: String)
    /// The region holds the image; MD5 in hex.
    case verified(region: String, md5: String)
    /// Text the board sent outside the protocol.
    case bootText(String)
}
