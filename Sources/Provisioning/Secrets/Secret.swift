/// A value that must not be seen: ProductSecret, DeviceSecret, DeviceToken, AccessKey secret.
///
/// It cannot be printed, interpolated, dumped or encoded by accident: every textual form is `<secret>`, and it is not
/// `Codable`. The bytes leave only through ``withBytes(_:)`` and ``revealed``, which stand where the value goes to the
/// wire, to the board or into the vault's seal, and nowhere else.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// Wraps the UTF-8 bytes of `text`.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// Wraps raw bytes.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// Number of bytes, which is no secret.
    public var count: Int { bytes.count }

    /// Lends the bytes to `body`; they must not outlive it.
    public func withBytes<R>(_ body: ([UInt8]) throws -> R) rethrows -> R { try body(bytes) }

    /// The value as text, for the one place where it is handed on. Never for a log, an error or a page.
    public var revealed: String { String(decoding: bytes, as: UTF8.self) }

    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Compares in constant time for equal lengths.
    public static func == (left: Secret, right: Secret) -> Bool {
        guard left.bytes.count == right.bytes.count else { return false }
        return zip(left.bytes, right.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
