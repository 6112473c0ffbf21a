/// What a flash operation did: for the journal, and for the slot to remember its rate.
public struct FlashReport: Sendable, Equatable {
    public enum Method: Sendable, Equatable {
        /// SHA-256 (hex) of the stub's file.
        case stub(name: String, sha256: String)
        /// The ROM's own loader, and why.
        case rom(reason: String)
        /// Any other loader, bootloader or module: its name and version as it states them.
        case loader(name: String, version: String)
        /// A program of somebody else's: its version and the SHA-256 (hex) of its file.
        case tool(name: String, version: String, sha256: String)
    }

    public struct Region: Sendable, Equatable {
        public let name: String
        public let offset: UInt32
        /// Bytes compared, the padding to four included.
        public let size: Int
        /// Of the image and, by the loader's own computation, of flash; hex.
        public let md5: String
        /// False where flash already held the image.
        public let written: Bool
    }

    public let method: Method
    /// The rate that worked, to start with next time on this slot.
    public let baud: Int
    /// The rates that failed before it.
    public let failedBauds: [Int]
    /// In the plan's order.
    public let regions: [Region]
    /// Read just before the first erase; nil where nothing had to be written.
    public let before: BoardReading?
    /// Read after verification.
    public let after: BoardReading
    /// Bytes on the wire in both directions, all attempts together.
    public let bytesSent: Int
    public let bytesReceived: Int
}
