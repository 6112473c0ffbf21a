/// How a hub switches the power of its ports, and what a port says.
///
/// Sources: USB 2.0 specification, table 11-13 (hub descriptor), tables 11-16, 11-17 (requests, features) and 11-21, 11-22
/// (port status and change); USB 3.2 specification, section 10.16.2.6 (PORT_POWER is bit 9 there).
public struct USBHubDescriptor: Sendable, Equatable {
    /// wHubCharacteristics, bits 1 and 0.
    public enum Switching: String, Sendable { case ganged, individual, none }

    public let ports: Int
    public let switching: Switching
    /// From switching a port on until its power is good, in milliseconds.
    public let powerGoodDelay: Int

    /// nil where the bytes are no hub descriptor (kind 29h, of a USB 3 hub 2Ah).
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= 7, bytes[1] == 0x29 || bytes[1] == 0x2A, bytes[2] > 0 else { return nil }
        ports = Int(bytes[2])
        switching =
            switch bytes[3] & 3 {
            case 0: .ganged
            case 1: .individual
            default: .none
            }
        powerGoodDelay = Int(bytes[5]) * 2
    }

    /// GET_DESCRIPTOR of the hub.
    public static func request(superSpeed: Bool) -> USBSetup {
        USBSetup(requestType: 0xA0, request: 6, value: superSpeed ? 0x2A00 : 0x2900, length: superSpeed ? 12 : 15)
    }
}

/// A hub port's status.
public struct USBHubPort: Sendable, Equatable {
    public let isConnected: Bool
    public let isPowered: Bool
    /// More current is drawn than the hub gives, now or since the change was last cleared.
    public let hasOverCurrent: Bool

    /// nil unless there are four bytes.
    public init?(_ bytes: [UInt8], superSpeed: Bool) {
        guard bytes.count == 4, let status = LittleEndian.u16(bytes, at: 0), let change = LittleEndian.u16(bytes, at: 2)
        else { return nil }
        isConnected = status & 1 != 0
        isPowered = status & (superSpeed ? 0x200 : 0x100) != 0
        hasOverCurrent = status & 8 != 0 || change & 8 != 0
    }

    /// GET_STATUS of a port, from 1.
    public static func status(_ port: UInt8) -> USBSetup {
        USBSetup(requestType: 0xA3, request: 0, index: UInt16(port), length: 4)
    }

    /// SET_FEATURE or CLEAR_FEATURE of PORT_POWER (8).
    public static func power(_ port: UInt8, on: Bool) -> USBSetup {
        USBSetup(requestType: 0x23, request: on ? 3 : 1, value: 8, index: UInt16(port))
    }
}
