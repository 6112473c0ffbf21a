extension SMPFrame {
    /// Cuts a byte stream into messages and console text, however the bytes are chunked.
    ///
    /// A marker counts wherever it stands, also behind a prompt that has no line end. Text is handed out at once, in
    /// pieces as it comes; only a byte that may begin a marker waits for the next one.
    public struct Decoder: Sendable {
        /// The longest message accepted, in bytes.
        public let limit: Int

        private enum Place: Sendable { case text, marker(UInt8), line }
        private var place = Place.text
        /// Base64 characters that do not make a group yet.
        private var group: [UInt8] = []
        /// Decoded bytes of the frame under way, length included; nil between frames.
        private var frame: [UInt8]?
        private var text: [UInt8] = []

        public init(limit: Int = 8192) { self.limit = min(limit, SMPFrame.longestMessage) }

        /// Takes the next bytes and returns what they complete.
        public mutating func push(_ bytes: some Sequence<UInt8>) -> [Item] {
            var items: [Item] = []
            for byte in bytes { take(byte, &items) }
            flush(&items)
            return items
        }

        /// Forgets a frame that was begun, for use after the input was flushed.
        public mutating func reset() {
            (place, group, frame, text) = (.text, [], nil, [])
        }

        private mutating func take(_ byte: UInt8, _ items: inout [Item]) {
            switch place {
            case .text:
                if byte == SMPFrame.first.0 || byte == SMPFrame.continued.0 {
                    place = .marker(byte)
                } else {
                    text.append(byte)
                }
            case .marker(SMPFrame.first.0) where byte == SMPFrame.first.1:
                flush(&items)
                if frame != nil { items.append(.damaged(.unfinished)) }
                (place, group, frame) = (.line, [], [])
            case .marker(SMPFrame.continued.0) where byte == SMPFrame.continued.1:
                flush(&items)
                if frame == nil {
                    // What follows is not the console's: it is read as a line and forgotten.
                    drop(.orphan, &items)
                }
                place = .line
            case .marker(let before):
                text.append(before)
                place = .text
                take(byte, &items)
            case .line:
                if byte == SMPFrame.lineEnd {
                    place = .text
                } else if byte == SMPFrame.first.0 || byte == SMPFrame.continued.0 {
                    if frame != nil { drop(.unfinished, &items) }
                    place = .marker(byte)
                } else if byte != 0x0D, frame != nil {
                    takeCharacter(byte, &items)
                }
            }
        }

        private mutating func takeCharacter(_ byte: UInt8, _ items: inout [Item]) {
            guard Base64Text.isCharacter(byte) else { return drop(.base64, &items) }
            group.append(byte)
            guard group.count == 4 else { return }
            guard let bytes = Base64Text.decode(group[...]) else { return drop(.base64, &items) }
            group = []
            frame?.append(contentsOf: bytes)
            check(&items)
        }

        private mutating func check(_ items: inout [Item]) {
            guard let frame, frame.count >= 2 else { return }
            let length = Int(frame[0]) << 8 | Int(frame[1])
            guard length >= 2, length - 2 <= limit, frame.count <= length + 2 else { return drop(.length, &items) }
            guard frame.count == length + 2 else { return }
            let message = frame[2..<length]
            let crc = UInt16(frame[length]) << 8 | UInt16(frame[length + 1])
            guard SMPFrame.crc16(message) == crc else { return drop(.crc, &items) }
            items.append(.message(Array(message)))
            (self.frame, group) = (nil, [])
        }

        private mutating func drop(_ damage: Damage, _ items: inout [Item]) {
            items.append(.damaged(damage))
            (frame, group) = (nil, [])
        }

        private mutating func flush(_ items: inout [Item]) {
            guard !text.isEmpty else { return }
            items.append(.text(text))
            text = []
        }
    }
}
