/// SLIP framing as Espressif's loaders use it: a frame starts and ends with C0h; inside, C0h is sent as DB DC and DBh
/// as DB DD. Whatever stands outside a frame is boot-log text.
///
/// Source: Espressif serial protocol, "Low Level Protocol"; RFC 1055.
public enum SLIP {
    /// The byte on both ends of a frame.
    public static let end: UInt8 = 0xC0
    /// The byte that starts an escape pair.
    public static let escape: UInt8 = 0xDB

    /// One frame, ready for the wire.
    public static func encode(_ body: some Collection<UInt8>) -> [UInt8] {
        var wire: [UInt8] = [end]
        wire.reserveCapacity(body.count + body.count / 64 + 2)
        for byte in body {
            switch byte {
            case end: wire += [escape, 0xDC]
            case escape: wire += [escape, 0xDD]
            default: wire.append(byte)
            }
        }
        wire.append(end)
        return wire
    }

    /// What the decoder found in the byte stream.
    public enum Item: Equatable, Sendable {
        /// A complete frame, unescaped, without its delimiters.
        case frame([UInt8])
        /// Bytes outside frames, and "frames" that cannot be one (bad escape, too long, impossible first byte).
        case text([UInt8])
    }

    /// Cuts a byte stream into frames and text, however the bytes are chunked.
    ///
    /// A listener that starts in the middle of a frame would take each closing C0h for an opening one. With
    /// `firstBytes` set the decoder notices: a frame that starts with another byte is text, and the C0h that closed it
    /// opens the next frame. Two C0h in a row also bring it back in step.
    public struct Decoder: Sendable {
        /// The bytes a frame may start with; nil accepts all (needed while flash contents stream in).
        public var firstBytes: Set<UInt8>?
        /// The longest frame accepted, in unescaped bytes.
        public var limit: Int

        private var frame: [UInt8] = []
        private var inside = false
        private var escaped = false

        public init(firstBytes: Set<UInt8>? = nil, limit: Int = 1 << 17) {
            self.firstBytes = firstBytes
            self.limit = limit
        }

        /// Takes the next bytes and returns what they complete. Text is handed out at once, in pieces as it comes.
        public mutating func push(_ bytes: some Sequence<UInt8>) -> [Item] {
            var items: [Item] = []
            var text: [UInt8] = []
            func flush(_ text: inout [UInt8]) {
                if !text.isEmpty { items.append(.text(text)) }
                text = []
            }
            for byte in bytes {
                guard inside else {
                    if byte == SLIP.end { begin() } else { text.append(byte) }
                    continue
                }
                if byte == SLIP.end {
                    guard !frame.isEmpty || escaped else { continue }
                    if escaped || !isPossible(frame) {
                        text += frame
                        begin()
                    } else {
                        flush(&text)
                        items.append(.frame(frame))
                        leave()
                    }
                } else if escaped {
                    escaped = false
                    switch byte {
                    case 0xDC: frame.append(SLIP.end)
                    case 0xDD: frame.append(SLIP.escape)
                    default:
                        text += frame + [SLIP.escape, byte]
                        leave()
                    }
                } else if byte == SLIP.escape {
                    escaped = true
                } else {
                    frame.append(byte)
                }
                if frame.count > limit {
                    text += frame
                    leave()
                }
            }
            flush(&text)
            return items
        }

        /// Forgets a frame that was begun, for use after the input was flushed.
        public mutating func reset() { leave() }

        private func isPossible(_ frame: [UInt8]) -> Bool {
            guard let firstBytes, let first = frame.first else { return true }
            return firstBytes.contains(first)
        }

        private mutating func begin() {
            inside = true
            escaped = false
            frame.removeAll(keepingCapacity: true)
        }

        private mutating func leave() {
            inside = false
            escaped = false
            frame.removeAll(keepingCapacity: true)
        }
    }
}
