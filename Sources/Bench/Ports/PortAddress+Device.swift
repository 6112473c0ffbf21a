extension PortAddress {
    /// The device node that the address means now; nil for TCP.
    ///
    /// A name of `/dev/serial/by-path` that has no link, as on a machine without udev, is looked up in sysfs.
    /// - Throws: ``LinkError`` `absent` where nothing with a serial port is plugged in there, `address` where the device
    ///   there has several serial ports and the address does not choose.
    public func devicePath() throws(LinkError) -> String? {
        switch kind {
        case .tcp: return nil
        case .path(let path):
            guard !FileText.exists(path), path.hasPrefix(roots.byPathFolder + "/") else { return path }
            let name = FileText.last(path)
            let port = USBTreeReader(sys: roots.sys).ports().first { $0.byPathName == name }
            return port.map { "\(roots.dev)/\($0.tty)" } ?? path
        case .usb(let path, let interface):
            return "\(roots.dev)/\(try serialPort(at: path, interface: interface).tty)"
        }
    }

    private func serialPort(at path: String, interface: Int?) throws(LinkError) -> USBSerialPort {
        let reader = USBTreeReader(sys: roots.sys)
        guard let place = USBPortPath(path) else { throw refusal(.address, "names no USB port") }
        let all = reader.ports(at: place)
        let ports = all.filter { interface == nil || $0.interface == interface }
        if ports.count == 1 { return ports[0] }
        guard ports.isEmpty else {
            let names = ports.map { "\($0.tty) (\($0.address(naming: true)))" }.joined(separator: " and ")
            let next =
                Set(ports.map(\.interface)).count > 1
                ? "write the one that is meant, with its interface"
                : "write the by-path name, which tells them apart"
            throw refusal(.address, "the device there has \(ports.count) serial ports, \(names): \(next)")
        }
        if let interface, !all.isEmpty {
            let known = all.map { "\($0.interface) (\($0.tty))" }.joined(separator: ", ")
            throw refusal(
                .absent, "the device there has no serial port on interface \(interface); it has them on \(known)")
        }
        throw refusal(.absent, Self.absence(of: reader.device(at: place)))
    }

    /// Why nothing can be opened at a place.
    private static func absence(of device: USBDevice?) -> String {
        guard let device else {
            return "nothing is plugged in at this USB port: check cable, hub and the slot's port"
        }
        if device.isHub { return "a hub (\(device.model)) is plugged in at this USB port, expected a board" }
        if device.isDFU { return "the device there (\(device.model)) is in DFU mode and has no serial port" }
        return "the device there (\(device.model)) has no serial port: check that its driver is loaded"
    }

    private func refusal(_ code: LinkError.Code, _ sentence: String) -> LinkError {
        LinkError(code, port: description, sentence)
    }
}
