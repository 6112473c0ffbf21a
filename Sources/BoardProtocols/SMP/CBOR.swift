/// The values of CBOR that SMP messages are made of: integers, strings, arrays, maps with text keys, booleans and null.
///
/// Printing shows the shape and never a string's contents: a value may be a secret.
///
/// Source: RFC 8949; Zephyr, "SMP Protocol Specification" (maps with text keys).
public enum CBOR: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    /// Any integer from -2^63 to 2^63 - 1.
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    case array([CBOR])
    /// In the order in which the entries stand.
    case map([Entry])
    case bool(Bool)
    case null

    /// One key of a map and its value.
    public struct Entry: Equatable, Sendable {
        public let key: String
        public let value: CBOR
        public init(_ key: String, _ value: CBOR) { (self.key, self.value) = (key, value) }
    }

    /// The value under `key` where this is a map that has it.
    public subscript(key: String) -> CBOR? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    public var integer: Int? {
        guard case .integer(let number) = self else { return nil }
        return Int(number)
    }

    public var bytes: [UInt8]? {
        guard case .bytes(let bytes) = self else { return nil }
        return bytes
    }

    public var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    public var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    public var array: [CBOR]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    public var description: String {
        switch self {
        case .integer(let number): "\(number)"
        case .bytes(let bytes): "<\(bytes.count) bytes>"
        case .text(let text): "<text of \(text.utf8.count)>"
        case .array(let items): "\(items)"
        case .map(let entries): "{" + entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        case .bool(let bool): "\(bool)"
        case .null: "null"
        }
    }

    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why bytes are no CBOR value of the kind SMP uses.
public enum CBORError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes end inside a value.
    case truncated
    /// Bytes follow the value.
    case trailing
    /// A tag, float, `undefined` or other kind that SMP does not use, or an encoding that RFC 8949 reserves.
    case unsupported(UInt8)
    /// An integer that needs more than 63 bits.
    case number
    /// A text that is not UTF-8.
    case utf8
    /// A map key that is not text.
    case key
    /// The same key twice in one map.
    case duplicate
    /// Nested deeper than the limit.
    case depth

    public var description: String {
        switch self {
        case .truncated: "its CBOR ends inside a value"
        case .trailing: "bytes follow its CBOR value"
        case .unsupported(let head):
            "its CBOR has a kind of value that SMP does not use (head 0x\(String(head, radix: 16)))"
        case .number: "its CBOR has an integer beyond 64 bits with sign"
        case .utf8: "its CBOR has a text that is not UTF-8"
        case .key: "its CBOR has a map whose key is no text"
        case .duplicate: "its CBOR has a map with one key twice"
        case .depth: "its CBOR is nested deeper than \(CBOR.depthLimit) values"
        }
    }
}
