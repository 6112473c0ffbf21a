/// The chip's own unique id, or what stands in for it.
///
/// Order of sources, kept by the reader: the chip's id where it has one that is not all 0 or all F, else the flash
/// chip's unique id, else the MAC. A module that is asked by AT commands gives its own serial number where it has one
/// besides the identity, else the identity itself. The source is journaled; whether the id is independent of the
/// identity decides if two boards that carry one identity can be told apart.
public struct HardwareUID: Hashable, Sendable, CustomStringConvertible {
    public enum Source: String, Sendable, CaseIterable { case chip, flash, mac, module, identity }

    /// Upper-case hexadecimal digits.
    public let hex: String
    public let source: Source

    /// Whether it tells apart two boards that carry one identity.
    public var isIndependent: Bool { source != .mac && source != .identity }
    public var description: String { hex }

    /// The id's bytes as they lie in memory.
    public init(bytes: [UInt8], source: Source) {
        hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
        self.source = source
    }

    /// An id read back from the journal.
    public init(hex: String, source: Source) {
        (self.hex, self.source) = (hex, source)
    }
}
