import Foundation

/// Takes a `multipart/form-data` body apart as it comes (RFC 7578, RFC 2046 section 5.1): no part is held whole.
///
/// A state machine: bytes in, pieces out. Headers of one part have at most ``longestHeader`` bytes.
struct MultipartForm: Sendable {
    /// What a part is called.
    struct Head: Hashable, Sendable {
        let name: String
        /// nil for a plain field.
        let fileName: String?
    }

    enum Piece: Hashable, Sendable {
        case begin(Head)
        case bytes([UInt8])
        case end
    }

    /// Why a body is no form.
    struct FormError: Error, Sendable {
        let sentence: String
    }

    static let longestHeader = 8192

    private enum State: Sendable { case preamble, head, body, over }

    private let delimiter: [UInt8]
    private var state = State.preamble
    private var buffer: [UInt8] = []
    /// Whether the last delimiter has come.
    var isOver: Bool { state == .over }

    /// - Parameter contentType: the request's; nil is returned where it is no form with a boundary.
    init?(contentType: String) {
        let parts = contentType.split(separator: ";").map { $0.drop { $0 == " " } }
        guard parts.first?.lowercased() == "multipart/form-data",
            let boundary = parts.first(where: { $0.lowercased().hasPrefix("boundary=") })?.dropFirst(9)
        else { return nil }
        let text = boundary.filter { $0 != "\"" }
        guard (1...70).contains(text.utf8.count) else { return nil }
        delimiter = Array("\r\n--\(text)".utf8)
        // The first delimiter may stand at the very start, without a line before it.
        buffer = [13, 10]
    }

    /// Takes the next bytes.
    /// - Returns: what they complete, in order.
    mutating func take(_ bytes: some Sequence<UInt8>) throws(FormError) -> [Piece] {
        buffer += bytes
        var pieces: [Piece] = []
        while try step(&pieces) {}
        return pieces
    }

    /// One step; false where more bytes are needed.
    private mutating func step(_ pieces: inout [Piece]) throws(FormError) -> Bool {
        switch state {
        case .over:
            buffer = []
            return false
        case .preamble:
            guard let place = Self.find(delimiter, in: buffer) else {
                guard buffer.count < Self.longestHeader else {
                    throw FormError(sentence: "the form's boundary is missing")
                }
                return false
            }
            return try passDelimiter(at: place)
        case .head:
            guard let place = Self.find([13, 10, 13, 10], in: buffer) else {
                guard buffer.count < Self.longestHeader else {
                    throw FormError(sentence: "a part's headers are too long")
                }
                return false
            }
            pieces.append(.begin(try Self.head(buffer[..<place])))
            buffer.removeFirst(place + 4)
            state = .body
            return true
        case .body:
            if let place = Self.find(delimiter, in: buffer) {
                // What follows the delimiter decides whether it is the last; both bytes must be there.
                guard buffer.count >= place + delimiter.count + 2 else { return false }
                if place > 0 { pieces.append(.bytes(Array(buffer[..<place]))) }
                pieces.append(.end)
                return try passDelimiter(at: place)
            }
            let safe = buffer.count - delimiter.count
            if safe > 0 {
                pieces.append(.bytes(Array(buffer[..<safe])))
                buffer.removeFirst(safe)
            }
            return false
        }
    }

    private mutating func passDelimiter(at place: Int) throws(FormError) -> Bool {
        guard buffer.count >= place + delimiter.count + 2 else { return false }
        let end = Array(buffer[place + delimiter.count..<place + delimiter.count + 2])
        buffer.removeFirst(place + delimiter.count + 2)
        switch end {
        case [45, 45]: state = .over
        case [13, 10]: state = .head
        default: throw FormError(sentence: "the form's boundary is not followed by a line end")
        }
        return true
    }

    private static func head(_ bytes: ArraySlice<UInt8>) throws(FormError) -> Head {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        guard let line = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }) else {
            throw FormError(sentence: "a part has no Content-Disposition")
        }
        func value(_ key: String) -> String? {
            guard let start = line.range(of: "\(key)=\"") else { return nil }
            let rest = line[start.upperBound...]
            return rest.firstIndex(of: "\"").map { String(rest[..<$0]) }
        }
        guard let name = value("; name") ?? value(";name"), !name.isEmpty else {
            throw FormError(sentence: "a part has no name")
        }
        return Head(name: name, fileName: value("filename"))
    }

    /// Where `pattern` begins in `bytes`; nil where it does not stand there.
    private static func find(_ pattern: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            var place = 0
            while place <= bytes.count - pattern.count {
                if bytes[place] == pattern[0], pattern.indices.allSatisfy({ bytes[place + $0] == pattern[$0] }) {
                    return place
                }
                place += 1
            }
            return nil
        }
    }
}
