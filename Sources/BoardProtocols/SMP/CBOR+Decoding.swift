extension CBOR {
    /// Arrays and maps may lie this deep in each other; SMP's own messages need four.
    public static let depthLimit = 8

    /// Reads one value that takes up all of `bytes`. Lengths may be definite or indefinite.
    ///
    /// Memory stays in proportion to the input: a count is believed only as far as bytes are left to hold the items.
    /// - Throws: ``CBORError``.
    public init(decoding bytes: some Sequence<UInt8>) throws(CBORError) {
        var reader = Reader(bytes: Array(bytes))
        self = try reader.value(depth: 0)
        guard reader.position == reader.bytes.count else { throw .trailing }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        /// The byte that ends an indefinite length.
        private static let stop: UInt8 = 0xFF

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func value(depth: Int) throws(CBORError) -> CBOR {
            guard depth <= CBOR.depthLimit else { throw .depth }
            let initial = try byte()
            switch initial >> 5 {
            case 0: return .integer(try number(initial))
            case 1: return .integer(~(try number(initial)))
            case 2: return .bytes(try string(initial))
            case 3: return .text(try text(initial))
            case 4: return try array(initial, depth: depth)
            case 5: return try map(initial, depth: depth)
            default: break
            }
            switch initial {
            case 0xF4: return .bool(false)
            case 0xF5: return .bool(true)
            case 0xF6: return .null
            default: throw .unsupported(initial)
            }
        }

        private mutating func array(_ initial: UInt8, depth: Int) throws(CBORError) -> CBOR {
            let count = try count(initial, each: 1)
            var items: [CBOR] = []
            while try goesOn(items.count, of: count) { items.append(try value(depth: depth + 1)) }
            return .array(items)
        }

        private mutating func map(_ initial: UInt8, depth: Int) throws(CBORError) -> CBOR {
            let count = try count(initial, each: 2)
            var entries: [Entry] = []
            var keys: Set<String> = []
            while try goesOn(entries.count, of: count) {
                let head = try byte()
                guard head >> 5 == 3 else { throw .key }
                let key = try text(head)
                guard keys.insert(key).inserted else { throw .duplicate }
                entries.append(Entry(key, try value(depth: depth + 1)))
            }
            return .map(entries)
        }

        /// The number of items, at least `each` bytes long; nil where the length is indefinite.
        private mutating func count(_ initial: UInt8, each: Int) throws(CBORError) -> Int? {
            guard initial & 31 != 31 else { return nil }
            let count = try number(initial)
            guard count <= Int64((bytes.count - position) / each) else { throw .truncated }
            return Int(count)
        }

        /// Whether another item comes; takes in the byte that ends an indefinite length.
        private mutating func goesOn(_ done: Int, of count: Int?) throws(CBORError) -> Bool {
            if let count { return done < count }
            guard position < bytes.count else { throw .truncated }
            guard bytes[position] == Self.stop else { return true }
            position += 1
            return false
        }

        private mutating func text(_ initial: UInt8) throws(CBORError) -> String {
            guard let text = String(validating: try string(initial), as: UTF8.self) else { throw .utf8 }
            return text
        }

        /// A string's bytes. One of indefinite length is a row of definite ones of the same kind.
        private mutating func string(_ initial: UInt8) throws(CBORError) -> [UInt8] {
            guard initial & 31 == 31 else { return try take(initial) }
            var content: [UInt8] = []
            while true {
                let head = try byte()
                if head == Self.stop { return content }
                guard head >> 5 == initial >> 5, head & 31 != 31 else { throw .unsupported(head) }
                content += try take(head)
            }
        }

        private mutating func take(_ initial: UInt8) throws(CBORError) -> [UInt8] {
            let count = try number(initial)
            guard count <= Int64(bytes.count - position) else { throw .truncated }
            defer { position += Int(count) }
            return Array(bytes[position..<position + Int(count)])
        }

        private mutating func number(_ initial: UInt8) throws(CBORError) -> Int64 {
            let low = initial & 31
            guard low >= 24 else { return Int64(low) }
            guard low <= 27 else { throw .unsupported(initial) }
            var number: UInt64 = 0
            for _ in 0..<(1 << (low - 24)) { number = number << 8 | UInt64(try byte()) }
            guard let number = Int64(exactly: number) else { throw .number }
            return number
        }

        private mutating func byte() throws(CBORError) -> UInt8 {
            guard position < bytes.count else { throw .truncated }
            defer { position += 1 }
            return bytes[position]
        }
    }
}
