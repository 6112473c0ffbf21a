/// The DFU functional descriptor: what the device can do.
///
/// Source: USB DFU 1.1, section 4.1.3; UM0391 for version 011Ah.
public struct DFUFunction: Sendable, Equatable {
    public let canDownload: Bool
    public let canUpload: Bool
    /// Answers requests after manifestation; otherwise it waits for a USB reset.
    public let isManifestationTolerant: Bool
    /// Leaves the bus by itself after DETACH; otherwise it waits for a USB reset.
    public let willDetach: Bool
    /// How long it waits for that reset, in milliseconds.
    public let detachTimeout: UInt16
    /// The longest block, in bytes.
    public let transferSize: UInt16
    /// BCD: 0100h, 0110h, or 011Ah for ST's DfuSe.
    public let version: UInt16

    public var isDfuSe: Bool { version == 0x011A }

    /// Reads a class descriptor of kind 21h with nine bytes, or seven as devices of version 1.0 have; nil otherwise.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= 7, bytes[1] == 0x21, let timeout = LittleEndian.u16(bytes, at: 3),
            let size = LittleEndian.u16(bytes, at: 5), size > 0
        else { return nil }
        canDownload = bytes[2] & 1 != 0
        canUpload = bytes[2] & 2 != 0
        isManifestationTolerant = bytes[2] & 4 != 0
        willDetach = bytes[2] & 8 != 0
        detachTimeout = timeout
        transferSize = size
        version = LittleEndian.u16(bytes, at: 7) ?? 0x0100
    }

    /// The DFU interface of a configuration, in all its alternate settings, and its functional descriptor.
    public static func find(
        in configuration: USBConfiguration
    ) -> (interfaces: [USBConfiguration.Interface], function: DFUFunction)? {
        let all = configuration.interfaces.filter {
            $0.classCode == DFURequest.classCode && $0.subclass == DFURequest.subclass
        }
        guard let first = all.first else { return nil }
        let interfaces = all.filter { $0.number == first.number }
        // Most devices put it behind the last setting, some behind each.
        guard let function = interfaces.flatMap(\.classDescriptors).lazy.compactMap({ DFUFunction($0) }).first else {
            return nil
        }
        return (interfaces, function)
    }
}
