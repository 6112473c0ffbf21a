/// Reads devices and serial ports out of a sysfs folder.
///
/// Layout (Linux, Documentation/ABI/testing/sysfs-bus-usb): `class/tty/NAME/device` leads to a port folder of the
/// usb-serial bus inside the interface's folder, or, for CDC ACM, to the interface's folder itself; the folder above
/// with `busnum` and `devpath` is the device.
struct USBTreeReader {
    let sys: String

    /// Every USB device that sysfs lists.
    func devices() -> [USBDevice] {
        let folder = "\(sys)/bus/usb/devices"
        return FileText.names(in: folder).compactMap { name in
            guard !name.contains(":"), let path = FileText.resolved("\(folder)/\(name)") else { return nil }
            return device(in: path)
        }
    }

    /// Every serial port of a USB device.
    func ports() -> [USBSerialPort] {
        var known: [String: USBDevice] = [:]
        return FileText.names(in: "\(sys)/class/tty").compactMap { tty in
            guard let place = place(of: tty) else { return nil }
            guard let device = known[place.deviceFolder] ?? device(in: place.deviceFolder) else { return nil }
            known[place.deviceFolder] = device
            return port(tty, at: place, of: device)
        }
    }

    /// One serial port by the kernel's name; nil where it is none of a USB device.
    func port(named tty: String) -> USBSerialPort? {
        guard let place = place(of: tty), let device = device(in: place.deviceFolder) else { return nil }
        return port(tty, at: place, of: device)
    }

    /// The serial ports of the device at `path`. Reads two attributes a port, so that it may be asked often.
    func ports(at path: USBPortPath) -> [USBSerialPort] {
        var device: USBDevice?
        return FileText.names(in: "\(sys)/class/tty").compactMap { tty in
            guard let place = place(of: tty), portPath(of: place.deviceFolder) == path else { return nil }
            device = device ?? self.device(in: place.deviceFolder)
            return device.flatMap { port(tty, at: place, of: $0) }
        }
    }

    /// The device at `path`.
    func device(at path: USBPortPath) -> USBDevice? {
        guard let folder = FileText.resolved("\(sys)/bus/usb/devices/\(path)") else { return nil }
        return device(in: folder)
    }

    // MARK: - Ports

    /// Where a serial port hangs on the tree.
    private struct Place {
        let deviceFolder: String
        let interfaceFolder: String
        /// The folder that `device` leads to.
        let portFolder: String
    }

    private func place(of tty: String) -> Place? {
        guard let portFolder = FileText.resolved("\(sys)/class/tty/\(tty)/device") else { return nil }
        // Only an interface's folder has this attribute; serial ports on board have none above them.
        var folder = portFolder
        while folder.count > 1, !FileText.exists("\(folder)/bInterfaceNumber") {
            guard !FileText.exists("\(folder)/busnum") else { return nil }
            folder = FileText.parent(folder)
        }
        guard folder.count > 1 else { return nil }
        let device = FileText.parent(folder)
        guard FileText.exists("\(device)/busnum") else { return nil }
        return Place(deviceFolder: device, interfaceFolder: folder, portFolder: portFolder)
    }

    private func port(_ tty: String, at place: Place, of device: USBDevice) -> USBSerialPort? {
        guard let interface = FileText.hex("\(place.interfaceFolder)/bInterfaceNumber") else { return nil }
        let driver = driver(of: place.portFolder) ?? driver(of: place.interfaceFolder)
        let number = FileText.integer("\(place.portFolder)/port_number") ?? 0
        return USBSerialPort(tty: tty, interface: Int(interface), portNumber: number, driver: driver, device: device)
    }

    // MARK: - Devices

    private func device(in folder: String) -> USBDevice? {
        guard let bus = FileText.integer("\(folder)/busnum"), let number = FileText.integer("\(folder)/devnum"),
            let vendor = FileText.hex("\(folder)/idVendor"), let product = FileText.hex("\(folder)/idProduct")
        else { return nil }
        let path = portPath(of: folder)
        let words = ["manufacturer", "product"].compactMap { FileText.read("\(folder)/\($0)") }.filter { !$0.isEmpty }
        return USBDevice(
            portPath: path, bus: bus, number: number, vendor: vendor, product: product,
            serial: FileText.read("\(folder)/serial").flatMap { $0.isEmpty ? nil : $0 },
            name: words.isEmpty ? nil : words.joined(separator: " "),
            speed: FileText.read("\(folder)/speed").flatMap { Double($0) },
            deviceClass: byte("\(folder)/bDeviceClass"), deviceProtocol: byte("\(folder)/bDeviceProtocol"),
            interfaces: interfaces(of: folder), controller: controller(above: folder),
            powerControl: FileText.read("\(folder)/power/control"),
            autosuspendDelay: FileText.integer("\(folder)/power/autosuspend_delay_ms"))
    }

    /// `busnum` and `devpath`; nil for a root hub, whose `devpath` is 0.
    private func portPath(of folder: String) -> USBPortPath? {
        guard let bus = FileText.integer("\(folder)/busnum"), let path = FileText.read("\(folder)/devpath") else {
            return nil
        }
        return USBPortPath("\(bus)-\(path)")
    }

    private func interfaces(of folder: String) -> [USBDevice.Interface] {
        FileText.names(in: folder).filter { $0.contains(":") }.compactMap { name in
            let place = "\(folder)/\(name)"
            guard let number = FileText.hex("\(place)/bInterfaceNumber") else { return nil }
            return USBDevice.Interface(
                number: Int(number), interfaceClass: byte("\(place)/bInterfaceClass"),
                interfaceSubclass: byte("\(place)/bInterfaceSubClass"), driver: driver(of: place))
        }
    }

    private func driver(of folder: String) -> String? { FileText.resolved("\(folder)/driver").map(FileText.last) }

    /// The name of the folder above the root hub `usbN`.
    private func controller(above folder: String) -> String {
        var place = folder
        while place.count > 1 {
            let name = FileText.last(place)
            place = FileText.parent(place)
            if name.hasPrefix("usb"), Int(name.dropFirst(3)) != nil { return FileText.last(place) }
        }
        return ""
    }

    private func byte(_ path: String) -> UInt8 { FileText.hex(path).flatMap { UInt8(exactly: $0) } ?? 0 }
}
