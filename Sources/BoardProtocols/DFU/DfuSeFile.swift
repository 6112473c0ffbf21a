/// The content of a DfuSe file: images for the alternate settings, each made of elements with an address.
///
/// Source: ST UM0391, "DfuSe file format": prefix of 11 bytes, each target with one of 274.
public struct DfuSeFile: Sendable, Equatable {
    public struct Element: Sendable, Equatable {
        public var address: UInt32
        public var bytes: [UInt8]
        public init(address: UInt32, bytes: [UInt8]) { (self.address, self.bytes) = (address, bytes) }
    }

    public struct Target: Sendable, Equatable {
        public var alternate: UInt8
        /// Up to 254 bytes of ASCII; nil where it has none.
        public var name: String?
        public var elements: [Element]
        public init(alternate: UInt8, name: String? = nil, elements: [Element]) {
            (self.alternate, self.name, self.elements) = (alternate, name, elements)
        }
    }

    /// Why the content is no DfuSe file.
    public enum Failure: Error, Equatable, Sendable {
        case signature
        case version(UInt8)
        /// A length that does not fit the others; the offset of the field.
        case length(offset: Int)
    }

    public var targets: [Target]

    public init(targets: [Target]) { self.targets = targets }

    /// Reads what stands before the suffix.
    public init(_ content: ArraySlice<UInt8>) throws(Failure) {
        let bytes = Array(content)
        guard bytes.count >= 11, Array(bytes[..<5]) == Array("DfuSe".utf8) else { throw .signature }
        guard bytes[5] == 1 else { throw .version(bytes[5]) }
        // The size counts the prefix and all targets, not the suffix.
        guard Int(LittleEndian.u32(bytes, at: 6) ?? 0) == bytes.count else { throw .length(offset: 6) }
        var offset = 11
        var found: [Target] = []
        for _ in 0..<Int(bytes[10]) {
            guard offset + 274 <= bytes.count, Array(bytes[offset..<offset + 6]) == Array("Target".utf8) else {
                throw .length(offset: offset)
            }
            let size = Int(LittleEndian.u32(bytes, at: offset + 266) ?? 0)
            let count = Int(LittleEndian.u32(bytes, at: offset + 270) ?? 0)
            let end = offset + 274 + size
            guard end <= bytes.count else { throw .length(offset: offset + 266) }
            let isNamed = LittleEndian.u32(bytes, at: offset + 7) != 0
            let text = bytes[offset + 11..<offset + 266].prefix { $0 != 0 }
            var target = Target(
                alternate: bytes[offset + 6], name: isNamed ? String(decoding: text, as: UTF8.self) : nil, elements: [])
            offset += 274
            for _ in 0..<count {
                guard offset + 8 <= end, let address = LittleEndian.u32(bytes, at: offset),
                    let length = LittleEndian.u32(bytes, at: offset + 4), offset + 8 + Int(length) <= end
                else { throw .length(offset: offset) }
                let data = bytes[offset + 8..<offset + 8 + Int(length)]
                target.elements.append(Element(address: address, bytes: Array(data)))
                offset += 8 + Int(length)
            }
            guard offset == end else { throw .length(offset: offset) }
            found.append(target)
        }
        guard offset == bytes.count else { throw .length(offset: offset) }
        targets = found
    }

    /// The bytes before the suffix.
    public var bytes: [UInt8] {
        let body = targets.flatMap { target in
            let data = target.elements.flatMap {
                LittleEndian.bytes($0.address) + LittleEndian.bytes(UInt32($0.bytes.count)) + $0.bytes
            }
            var name = Array((target.name ?? "").utf8.prefix(254))
            name += [UInt8](repeating: 0, count: 255 - name.count)
            let head =
                Array("Target".utf8) + [target.alternate] + LittleEndian.bytes(UInt32(target.name == nil ? 0 : 1))
            return head + name + LittleEndian.bytes(UInt32(data.count))
                + LittleEndian.bytes(UInt32(target.elements.count)) + data
        }
        return Array("DfuSe".utf8) + [1] + LittleEndian.bytes(UInt32(11 + body.count)) + [UInt8(targets.count)] + body
    }
}
