import Crypto

/// The hash chain over the journal's records: `hash_n = SHA-256(hash_{n-1} ‖ SHA-256(text_n))`, `hash_0` = 32 zeros.
///
/// The record's text is hashed as it is stored, byte for byte, so nothing depends on how JSON is printed.
public struct Chain: Sendable {
    /// Raw bytes of the last hash, 32 of them.
    public private(set) var head: [UInt8]

    /// A chain that goes on from `head`; the start of a journal is 32 zero bytes.
    public init(head: [UInt8] = Array(repeating: 0, count: 32)) { self.head = head }

    /// SHA-256 of the record's text.
    public static func digest(of text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Adds one record and returns its digest; ``head`` is then its hash.
    @discardableResult
    public mutating func append(text: String) -> [UInt8] {
        let digest = Self.digest(of: text)
        append(digest: digest)
        return digest
    }

    /// Adds a record of which only the digest is known (its text belongs to another order).
    public mutating func append(digest: [UInt8]) { head = Array(SHA256.hash(data: head + digest)) }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
