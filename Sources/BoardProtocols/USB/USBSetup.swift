/// The eight bytes that start a control transfer.
///
/// Source: USB 2.0 specification, section 9.3.
public struct USBSetup: Sendable, Equatable {
    /// Direction, kind and recipient.
    public var requestType: UInt8
    public var request: UInt8
    public var value: UInt16
    public var index: UInt16
    /// Bytes that follow: exactly so many to the device, at most so many from it.
    public var length: UInt16

    public init(requestType: UInt8, request: UInt8, value: UInt16 = 0, index: UInt16 = 0, length: UInt16 = 0) {
        (self.requestType, self.request, self.value) = (requestType, request, value)
        (self.index, self.length) = (index, length)
    }

    /// True where the device sends the data.
    public var isFromDevice: Bool { requestType & 0x80 != 0 }

    /// In the order in which they go over the wire.
    public var bytes: [UInt8] {
        [requestType, request] + LittleEndian.bytes(value) + LittleEndian.bytes(index) + LittleEndian.bytes(length)
    }

    /// GET_DESCRIPTOR of the device. `kind` 1 device, 2 configuration, 3 string (section 9.4.3).
    public static func descriptor(kind: UInt8, index: UInt8 = 0, language: UInt16 = 0, length: UInt16) -> USBSetup {
        USBSetup(
            requestType: 0x80, request: 6, value: UInt16(kind) << 8 | UInt16(index), index: language, length: length)
    }
}
