/// What a device's configuration descriptor says about its interfaces.
///
/// Source: USB 2.0 specification, sections 9.6.3 to 9.6.5.
public struct USBConfiguration: Sendable, Equatable {
    /// One interface in one of its alternate settings.
    public struct Interface: Sendable, Equatable {
        public let number: UInt8
        public let alternate: UInt8
        public let classCode: UInt8
        public let subclass: UInt8
        public let protocolCode: UInt8
        /// Index of the string that names it; 0 where it has none.
        public let nameIndex: UInt8
        /// The class's own descriptors that follow it, each with length and kind.
        public var classDescriptors: [[UInt8]]
    }

    /// The number that SET_CONFIGURATION takes.
    public let value: UInt8
    public let interfaces: [Interface]

    /// Reads the descriptor and all that follows it; nil where a length does not fit.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= 9, bytes[0] >= 9, bytes[1] == 2 else { return nil }
        var found: [Interface] = []
        var offset = Int(bytes[0])
        while offset + 2 <= bytes.count {
            let length = Int(bytes[offset])
            guard length >= 2, offset + length <= bytes.count else { return nil }
            let descriptor = Array(bytes[offset..<offset + length])
            if descriptor[1] == 4, length >= 9 {
                found.append(
                    Interface(
                        number: descriptor[2], alternate: descriptor[3], classCode: descriptor[5],
                        subclass: descriptor[6], protocolCode: descriptor[7], nameIndex: descriptor[8],
                        classDescriptors: []))
            } else if !found.isEmpty {
                found[found.count - 1].classDescriptors.append(descriptor)
            }
            offset += length
        }
        guard offset == bytes.count else { return nil }
        value = bytes[5]
        interfaces = found
    }
}
