/// Vendor and product number of a device.
public struct USBID: Sendable, Hashable, CustomStringConvertible {
    public let vendor: UInt16
    public let product: UInt16

    public init(vendor: UInt16, product: UInt16) { (self.vendor, self.product) = (vendor, product) }

    /// Reads `0483:DF11`.
    /// - Throws: ``LinkError`` `address`.
    public init(_ text: String) throws(LinkError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 4 }), let vendor = UInt16(parts[0], radix: 16),
            let product = UInt16(parts[1], radix: 16)
        else { throw LinkError(.address, port: text, "expected VENDOR:PRODUCT in hexadecimal, such as 0483:DF11") }
        self.init(vendor: vendor, product: product)
    }

    public var description: String { Self.hex(vendor) + ":" + Self.hex(product) }

    private static func hex(_ number: UInt16) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

/// A device as it shows up on the bus. Comes and goes; ``address`` is new each time.
public struct USBBusDevice: Sendable, Hashable {
    public let port: USBBusPort
    /// The number that it got when it was enumerated, 1 to 127.
    public let address: UInt8
    public let id: USBID
    /// nil where it has none.
    public let serial: String?
    /// Its product string.
    public let name: String?
    /// kbit/s: 1500, 12,000, 480,000, 5,000,000 and more; 0 where unknown.
    public let speed: Int
    public let isHub: Bool

    var node: String { "/dev/bus/usb/\(Self.padded(port.bus))/\(Self.padded(Int(address)))" }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }
}
