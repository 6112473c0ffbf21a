/// The requests of the DFU class, each to the interface numbered `interface`.
///
/// Source: USB DFU 1.1, section 3, table 3.2.
public enum DFURequest {
    /// Class FEh, subclass 01h; protocol 01h at run time, 02h in DFU mode (table 4.1 and 4.4).
    public static let classCode: UInt8 = 0xFE
    public static let subclass: UInt8 = 0x01
    public static let runtimeProtocol: UInt8 = 0x01
    public static let modeProtocol: UInt8 = 0x02

    /// Asks firmware to make way for its loader; the device waits `timeout` ms for the USB reset.
    public static func detach(interface: UInt8, timeout: UInt16) -> USBSetup {
        USBSetup(requestType: 0x21, request: 0, value: timeout, index: UInt16(interface))
    }

    /// A block of the image, or, without bytes, its end.
    public static func download(interface: UInt8, block: UInt16, length: UInt16) -> USBSetup {
        USBSetup(requestType: 0x21, request: 1, value: block, index: UInt16(interface), length: length)
    }

    public static func upload(interface: UInt8, block: UInt16, length: UInt16) -> USBSetup {
        USBSetup(requestType: 0xA1, request: 2, value: block, index: UInt16(interface), length: length)
    }

    public static func getStatus(interface: UInt8) -> USBSetup {
        USBSetup(requestType: 0xA1, request: 3, index: UInt16(interface), length: 6)
    }

    public static func clearStatus(interface: UInt8) -> USBSetup {
        USBSetup(requestType: 0x21, request: 4, index: UInt16(interface))
    }

    public static func getState(interface: UInt8) -> USBSetup {
        USBSetup(requestType: 0xA1, request: 5, index: UInt16(interface), length: 1)
    }

    public static func abort(interface: UInt8) -> USBSetup {
        USBSetup(requestType: 0x21, request: 6, index: UInt16(interface))
    }
}
