import Glibc

/// A value that must not be seen: ProductSecret, DeviceSecret, DeviceToken, AccessKey secret.
///
/// It cannot be printed, interpolated, dumped or encoded by accident: every textual form is `<secret>`, and it is not
/// `Codable`. The bytes leave only through ``withUnsafeBytes(_:)``, ``withBytes(_:)`` and ``revealed``, which stand where
/// the value goes to the wire, to the board or into the vault's seal, and nowhere else.
///
/// All copies of one secret share one piece of memory, which is wiped when the last of them is let go.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let memory: WipedMemory

    /// Takes the UTF-8 bytes of `text`; the text itself is its owner's to forget.
    public init(_ text: String) {
        var text = text
        memory = text.withUTF8 { WipedMemory(copying: UnsafeRawBufferPointer($0)) }
    }

    /// Takes raw bytes; the array itself is its owner's to wipe.
    public init(bytes: [UInt8]) { memory = bytes.withUnsafeBytes { WipedMemory(copying: $0) } }

    /// Takes the bytes of a buffer, which its owner wipes.
    public init(copying buffer: UnsafeRawBufferPointer) { memory = WipedMemory(copying: buffer) }

    /// `template` with this secret in every place of `mark`, without a text in between that nobody could wipe.
    public static func filling(_ template: String, _ mark: String, with secret: Secret) -> Secret {
        let (template, mark) = (Array(template.utf8), Array(mark.utf8))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(template.count * (1 + secret.count))
        defer { wipe(&bytes) }
        var position = 0
        while position < template.count {
            if !mark.isEmpty, template[position...].starts(with: mark) {
                secret.withUnsafeBytes { bytes.append(contentsOf: $0) }
                position += mark.count
            } else {
                bytes.append(template[position])
                position += 1
            }
        }
        return Secret(bytes: bytes)
    }

    /// Number of bytes, which is no secret.
    public var count: Int { memory.bytes.count }

    /// Lends the bytes where they are; they must not outlive `body`.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(memory.bytes))
    }

    /// Lends a copy of the bytes that is wiped afterwards. A copy that `body` keeps is its own to wipe.
    public func withBytes<R>(_ body: ([UInt8]) throws -> R) rethrows -> R {
        var copy = Array(memory.bytes)
        defer { Self.wipe(&copy) }
        return try body(copy)
    }

    /// The value as text, for the one place where it is handed on. Never for a log, an error or a page.
    public var revealed: String { String(decoding: memory.bytes, as: UTF8.self) }

    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Compares in constant time for equal lengths.
    public static func == (left: Secret, right: Secret) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left.memory.bytes, right.memory.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Overwrites an array that held secret bytes and empties it.
    public static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { buffer in
            if let base = buffer.baseAddress { explicit_bzero(base, buffer.count) }
        }
        bytes.removeAll()
    }
}

/// Bytes on the heap, never written after they are made, overwritten before they are given back.
private final class WipedMemory: Sendable {
    // Sendable by hand: written in `init` and `deinit` alone.
    nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer

    init(copying buffer: UnsafeRawBufferPointer) {
        bytes = .allocate(byteCount: buffer.count, alignment: 16)
        bytes.copyMemory(from: buffer)
    }

    deinit {
        if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
        bytes.deallocate()
    }
}
