import Crypto

/// The stub's READ_FLASH: packets run ahead of the client's acknowledgements by a window, an MD5 frame ends it.
struct FlashStream {
    private let offset: Int
    private let length: Int
    private let packet: Int
    private let window: Int
    private var sent = 0
    private var hash = Insecure.MD5()

    /// - Parameters: `packet` in bytes, `window` in packets.
    init(offset: Int, length: Int, packet: Int, window: Int) {
        self.offset = offset
        self.length = length
        self.packet = packet
        self.window = window
    }

    /// Takes the client's running total and returns the frames to send now.
    mutating func acknowledge(_ total: Int, flash: FlashChip) -> (frames: [[UInt8]], finished: Bool) {
        var frames: [[UInt8]] = []
        while sent < length, sent - total < packet * window {
            let bytes = flash.read(offset + sent, min(packet, length - sent))
            hash.update(data: bytes)
            frames.append(bytes)
            sent += bytes.count
        }
        guard total >= length, sent == length else { return (frames, false) }
        return (frames + [Array(hash.finalize())], true)
    }
}
