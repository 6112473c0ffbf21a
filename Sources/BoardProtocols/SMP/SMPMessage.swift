/// One SMP message: an eight-byte header and a CBOR map.
///
/// Source: Zephyr, "SMP Protocol Specification", section "Frame: The envelope".
public struct SMPMessage: Equatable, Sendable {
    public enum Operation: UInt8, Sendable {
        case read = 0
        case readAnswer = 1
        case write = 2
        case writeAnswer = 3

        /// What the answer to a request carries; nil for an answer.
        public var answer: Operation? {
            switch self {
            case .read: .readAnswer
            case .write: .writeAnswer
            case .readAnswer, .writeAnswer: nil
            }
        }
    }

    /// Bytes of the header.
    public static let headerSize = 8

    public var operation: Operation
    /// 0 is the first version of the protocol (errors as `rc`), 1 the second (errors as `err`). 2 bits.
    public var version: UInt8
    public var group: UInt16
    public var command: UInt8
    public var sequence: UInt8
    /// Always a map.
    public var body: CBOR

    public init(
        _ operation: Operation, version: UInt8, group: UInt16, command: UInt8, sequence: UInt8, body: CBOR = .map([])
    ) {
        (self.operation, self.version, self.group) = (operation, version & 3, group)
        (self.command, self.sequence, self.body) = (command, sequence, body)
    }

    /// Header and body.
    public var encoded: [UInt8] {
        let content = body.encoded
        let length = UInt16(truncatingIfNeeded: content.count)
        return [
            version << 3 | operation.rawValue, 0, UInt8(length >> 8), UInt8(length & 255),
            UInt8(group >> 8), UInt8(group & 255), sequence, command,
        ] + content
    }

    /// Why bytes are no message.
    public enum ParseError: Error, Equatable, Sendable, CustomStringConvertible {
        case tooShort(Int)
        case operation(UInt8)
        /// The header's length and the bytes that follow it differ.
        case length(stated: Int, found: Int)
        case body(CBORError)
        /// The body is CBOR, but no map.
        case noMap

        public var description: String {
            switch self {
            case .tooShort(let count): "it has \(count) bytes, a header has \(SMPMessage.headerSize)"
            case .operation(let code): "operation \(code) is none of 0 to 3"
            case .length(let stated, let found): "its header states \(stated) bytes, \(found) came"
            case .body(let error): error.description
            case .noMap: "its CBOR is no map"
            }
        }
    }

    /// - Throws: ``ParseError``.
    public init(parsing bytes: [UInt8]) throws(ParseError) {
        guard bytes.count >= Self.headerSize else { throw .tooShort(bytes.count) }
        guard let operation = Operation(rawValue: bytes[0] & 7) else { throw .operation(bytes[0] & 7) }
        let stated = Int(bytes[2]) << 8 | Int(bytes[3])
        guard stated == bytes.count - Self.headerSize else {
            throw .length(stated: stated, found: bytes.count - Self.headerSize)
        }
        do {
            // A server that has nothing to say may leave the map out.
            body = stated == 0 ? .map([]) : try CBOR(decoding: bytes[Self.headerSize...])
        } catch {
            throw .body(error)
        }
        guard case .map = body else { throw .noMap }
        self.operation = operation
        version = bytes[0] >> 3 & 3
        group = UInt16(bytes[4]) << 8 | UInt16(bytes[5])
        sequence = bytes[6]
        command = bytes[7]
    }
}
