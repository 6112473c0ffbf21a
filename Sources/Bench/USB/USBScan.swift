import Glibc

/// Lists USB devices from sysfs.
///
/// libusb's own list grows and shrinks by udev's events alone, which a container without udevd never gets; the kernel's
/// folder is always right. Serial and product strings are the kernel's copies, so that listing does not disturb a device.
enum USBScan {
    private static let folder = "/sys/bus/usb/devices"

    /// All devices, by port path.
    static func devices() -> [USBBusDevice] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var found: [USBBusDevice] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // Names with a colon are interfaces.
            if let port = USBBusPort(name: name), let device = device(at: port) { found.append(device) }
        }
        return found.sorted { ($0.port.bus, "\($0.port)") < ($1.port.bus, "\($1.port)") }
    }

    /// The device at a port; nil where it is empty.
    static func device(at port: USBBusPort) -> USBBusDevice? {
        guard let address = attribute(port, "devnum").flatMap({ UInt8($0) }),
            let vendor = attribute(port, "idVendor").flatMap({ UInt16($0, radix: 16) }),
            let product = attribute(port, "idProduct").flatMap({ UInt16($0, radix: 16) })
        else { return nil }
        let speed = attribute(port, "speed").flatMap(Double.init) ?? 0
        return USBBusDevice(
            port: port, address: address, id: USBID(vendor: vendor, product: product),
            serial: attribute(port, "serial"), name: attribute(port, "product"), speed: Int(speed * 1000),
            isHub: attribute(port, "bDeviceClass") == "09")
    }

    /// The text of a file, without the line end; nil where it is missing, empty or longer than 4 KiB.
    private static func attribute(_ port: USBBusPort, _ name: String) -> String? {
        let file = open("\(folder)/\(port)/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        guard count > 0, count < bytes.count else { return nil }
        let text = String(decoding: bytes[..<count].prefix { $0 != 10 && $0 != 0 }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }
}
