/// One row of an exported journal: a record with its place on the chain.
///
/// As a line of a file it has one form only: `{"digest":"…","hash":"…","record":"…","seq":N}`, so that a changed byte never
/// stays unseen.
public struct ExportRow: Hashable, Sendable {
    public let seq: Int64
    /// SHA-256 of the record's text, 32 bytes.
    public let digest: [UInt8]
    /// The chain after it, 32 bytes.
    public let hash: [UInt8]
    /// The record's JSON text, UTF-8; nil where it is not part of the export: it belongs to another order, or was moved
    /// into an archive.
    public let record: [UInt8]?

    public init(seq: Int64, digest: [UInt8], hash: [UInt8], record: [UInt8]?) {
        (self.seq, self.digest, self.hash, self.record) = (seq, digest, hash, record)
    }

    /// The line, without its end.
    public var line: [UInt8] {
        var out = Array(#"{"digest":""#.utf8)
        out.reserveCapacity((record?.count ?? 0) + 220)
        Self.write(hex: digest, to: &out)
        out += Array(#"","hash":""#.utf8)
        Self.write(hex: hash, to: &out)
        out += Array(#"","record":"#.utf8)
        if let record { Self.write(quoted: record, to: &out) } else { out += Array("null".utf8) }
        out += Array(#","seq":"#.utf8)
        out += Array(String(seq).utf8)
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// Why a line is no row, with its byte, from 1.
    public struct Malformed: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Reads a line, without its end.
    public init(line: some Collection<UInt8>) throws(Malformed) {
        var reader = LineReader(bytes: Array(line))
        try reader.expect(#"{"digest":""#)
        digest = try reader.hex()
        try reader.expect(#"","hash":""#)
        hash = try reader.hex()
        try reader.expect(#"","record":"#)
        if reader.next == UInt8(ascii: "n") {
            try reader.expect("null")
            record = nil
        } else {
            record = try reader.quoted()
        }
        try reader.expect(#","seq":"#)
        seq = try reader.number()
        try reader.expect("}")
        guard reader.next == nil else { throw reader.malformed("the end of the line") }
    }

    // MARK: - Writing

    private static let digits = Array("0123456789abcdef".utf8)

    private static func write(hex bytes: [UInt8], to out: inout [UInt8]) {
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
    }

    /// As ``JSONValue/text`` writes strings.
    private static func write(quoted text: [UInt8], to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(UInt8(ascii: "\\"))
                out.append(byte)
            case 0x0A: out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0D: out += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: out += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20, 0x7F:
                out += Array(#"\u00"#.utf8)
                write(hex: [byte], to: &out)
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    // MARK: - Reading

    private struct LineReader {
        let bytes: [UInt8]
        private(set) var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var next: UInt8? { place < bytes.count ? bytes[place] : nil }

        func malformed(_ expected: String) -> Malformed {
            let received =
                next == nil ? "the end" : "\"\(String(decoding: bytes[place...].prefix(12), as: UTF8.self))\""
            return Malformed(description: "byte \(place + 1): expected \(expected), received \(received)")
        }

        mutating func expect(_ text: StaticString) throws(Malformed) {
            let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
            for (offset, byte) in wanted.enumerated() {
                guard place + offset < bytes.count, bytes[place + offset] == byte else {
                    place += min(offset, bytes.count - place)
                    throw malformed("\(text)")
                }
            }
            place += wanted.count
        }

        /// 64 lower-case hexadecimal digits.
        mutating func hex() throws(Malformed) -> [UInt8] {
            var value: [UInt8] = []
            value.reserveCapacity(32)
            for _ in 0..<32 {
                let high = try digit()
                value.append(high << 4 | (try digit()))
            }
            return value
        }

        private mutating func digit() throws(Malformed) -> UInt8 {
            guard let byte = next else { throw malformed("a hexadecimal digit") }
            let value: UInt8
            switch byte {
            case 48...57: value = byte - 48
            case 97...102: value = byte - 87
            default: throw malformed("a hexadecimal digit, lower case")
            }
            place += 1
            return value
        }

        mutating func number() throws(Malformed) -> Int64 {
            let start = place
            while let byte = next, (48...57).contains(byte) { place += 1 }
            let text = String(decoding: bytes[start..<place], as: UTF8.self)
            guard let value = Int64(text), String(value) == text else {
                place = start
                throw malformed("a number")
            }
            return value
        }

        mutating func quoted() throws(Malformed) -> [UInt8] {
            try expect("\"")
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count - place)
            while let byte = next {
                place += 1
                switch byte {
                case UInt8(ascii: "\""): return text
                case UInt8(ascii: "\\"): text.append(try escaped())
                case 0..<0x20, 0x7F:
                    place -= 1
                    throw malformed("no control character")
                default: text.append(byte)
                }
            }
            throw malformed("a closing quote")
        }

        private mutating func escaped() throws(Malformed) -> UInt8 {
            guard let byte = next else { throw malformed("an escape") }
            place += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
            case UInt8(ascii: "n"): return 0x0A
            case UInt8(ascii: "r"): return 0x0D
            case UInt8(ascii: "t"): return 0x09
            case UInt8(ascii: "u"):
                try expect("00")
                let high = try digit()
                let value = high << 4 | (try digit())
                guard value < 0x20 || value == 0x7F, ![0x0A, 0x0D, 0x09].contains(value) else {
                    throw malformed("a control character after \\u")
                }
                return value
            default:
                place -= 1
                throw malformed("an escape that records use")
            }
        }
    }
}
