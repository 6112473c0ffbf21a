import Bench
import Foundation
import Glibc

/// A made-up machine in a temporary folder: sysfs, device nodes, procfs and udev rules as the kernel lays them out.
///
/// USB devices are real folders under `sys/devices`, reached by the same relative links as on a PC.
final class FakeMachine {
    let folder: String
    private var numbers: [Int: Int] = [:]

    var roots: PortRoots { PortRoots(sys: "\(folder)/sys", dev: "\(folder)/dev") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("machine-\(UUID().uuidString)").path
        for name in ["sys/class/tty", "sys/bus/usb/devices", "sys/bus/usb-serial/devices", "dev", "proc", "udev"] {
            try makeFolder("\(folder)/\(name)")
        }
        try addDevice(nil, bus: 1, speed: "480", deviceClass: 9, deviceProtocol: 1)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    // MARK: - Devices

    /// Adds a hub at `path`.
    func addHub(_ path: String, speed: String = "480", translators: Int = 1) throws {
        try addDevice(path, bus: 1, speed: speed, deviceClass: 9, deviceProtocol: translators)
    }

    /// Adds a device with one usb-serial port an interface; `ttys` by interface. `target` is what the nodes link to.
    func addBridge(
        _ path: String, _ ttys: [Int: String], driver: String = "cp210x", serial: String? = nil,
        latency: Int? = nil, target: String? = nil
    ) throws {
        try addDevice(path, bus: 1, speed: "12", deviceClass: 0, deviceProtocol: 0, serial: serial)
        for (interface, tty) in ttys.sorted(by: { $0.key < $1.key }) {
            let place = try addInterface(path, interface, interfaceClass: 0xFF, driver: driver)
            let port = "\(place)/\(tty)"
            try makeFolder("\(port)/tty/\(tty)")
            try write("0", "\(port)/port_number")
            if let latency { try write("\(latency)", "\(port)/latency_timer") }
            try link("\(port)/driver", try driverFolder("usb-serial", driver))
            try link("\(port)/tty/\(tty)/device", port)
            try link("\(folder)/sys/class/tty/\(tty)", "\(port)/tty/\(tty)")
            try link("\(folder)/sys/bus/usb-serial/devices/\(tty)", port)
            try addNode(tty, target: target)
        }
    }

    /// Adds a CDC ACM device: its port hangs on the interface itself.
    func addACM(_ path: String, _ tty: String, serial: String? = nil, target: String? = nil) throws {
        try addDevice(path, bus: 1, speed: "12", deviceClass: 0xEF, deviceProtocol: 1, serial: serial)
        let place = try addInterface(path, 0, interfaceClass: 2, driver: "cdc_acm")
        _ = try addInterface(path, 1, interfaceClass: 10, driver: "cdc_acm")
        try makeFolder("\(place)/tty/\(tty)")
        try link("\(place)/tty/\(tty)/device", place)
        try link("\(folder)/sys/class/tty/\(tty)", "\(place)/tty/\(tty)")
        try addNode(tty, target: target)
    }

    /// Adds a device in DFU mode, which has no serial port.
    func addDFU(_ path: String, serial: String? = nil) throws {
        try addDevice(path, bus: 1, speed: "12", deviceClass: 0, deviceProtocol: 0, serial: serial)
        let place = try addInterface(path, 0, interfaceClass: 0xFE, driver: nil)
        try write("01", "\(place)/bInterfaceSubClass")
    }

    /// Adds a port that is on board, such as ttyS0: it hangs on no USB device.
    func addOnboard(_ tty: String) throws {
        let place = "\(folder)/sys/devices/platform/serial8250"
        try makeFolder("\(place)/tty/\(tty)")
        try link("\(place)/tty/\(tty)/device", place)
        try link("\(folder)/sys/class/tty/\(tty)", "\(place)/tty/\(tty)")
    }

    /// Unplugs the device at `path`: its links first, then its nodes, then its folder.
    func unplug(_ path: String) throws {
        let place = deviceFolder(path)
        let files = FileManager.default
        for kind in ["class/tty", "bus/usb-serial/devices", "bus/usb/devices"] {
            for name in try files.contentsOfDirectory(atPath: "\(folder)/sys/\(kind)") {
                let entry = "\(folder)/sys/\(kind)/\(name)"
                let target = try files.destinationOfSymbolicLink(atPath: entry)
                guard target == place || target.hasPrefix(place + "/") else { continue }
                try files.removeItem(atPath: entry)
                if kind == "class/tty" { try? files.removeItem(atPath: "\(folder)/dev/\(name)") }
            }
        }
        try files.removeItem(atPath: place)
    }

    // MARK: - Files

    /// Sets one attribute of a device.
    func set(_ path: String, _ attribute: String, _ text: String) throws {
        try write(text, "\(deviceFolder(path))/\(attribute)")
    }

    /// A node: a plain file, or a link to `target`, such as a pty.
    func addNode(_ name: String, target: String? = nil) throws {
        if let target { try link("\(folder)/dev/\(name)", target) } else { try write("", "\(folder)/dev/\(name)") }
    }

    func removeNode(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(folder)/dev/\(name)") }

    func write(_ text: String, _ path: String) throws {
        try makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: path))
    }

    func link(_ path: String, _ target: String) throws {
        try makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A running program as procfs shows it.
    func addProcess(_ id: Int, _ name: String) throws { try write(name, "\(folder)/proc/\(id)/comm") }

    // MARK: - Parts

    private func deviceFolder(_ path: String?) -> String {
        var place = "\(folder)/sys/devices/pci0000:00/0000:00:14.0/usb1"
        guard let path, let place0 = USBPortPath(path) else { return place }
        for count in 1...place0.ports.count {
            place += "/\(place0.bus)-\(place0.ports.prefix(count).map(String.init).joined(separator: "."))"
        }
        return place
    }

    private func addDevice(
        _ path: String?, bus: Int, speed: String, deviceClass: Int, deviceProtocol: Int, serial: String? = nil
    ) throws {
        let place = deviceFolder(path)
        numbers[bus, default: 0] += 1
        try makeFolder(place)
        func hex(_ number: Int) -> String { (number < 16 ? "0" : "") + String(number, radix: 16) }
        let devpath = path.map { String($0.drop { $0 != "-" }.dropFirst()) } ?? "0"
        let isHub = deviceClass == 9
        var attributes = [
            "busnum": "\(bus)", "devnum": "\(numbers[bus] ?? 0)", "devpath": devpath, "speed": speed,
            "idVendor": isHub ? "0424" : "10c4", "idProduct": isHub ? "2514" : "ea60",
            "bDeviceClass": hex(deviceClass), "bDeviceProtocol": hex(deviceProtocol), "power/control": "on",
            "power/autosuspend_delay_ms": "2000",
        ]
        attributes["serial"] = serial
        for (name, text) in attributes { try write(text, "\(place)/\(name)") }
        try link("\(folder)/sys/bus/usb/devices/\(path ?? "usb\(bus)")", place)
    }

    private func addInterface(
        _ path: String, _ number: Int, interfaceClass: Int, driver: String?
    ) throws -> String {
        let place = "\(deviceFolder(path))/\(path):1.\(number)"
        try makeFolder(place)
        try write("0\(number)", "\(place)/bInterfaceNumber")
        try write(String(interfaceClass, radix: 16), "\(place)/bInterfaceClass")
        try write("00", "\(place)/bInterfaceSubClass")
        if let driver { try link("\(place)/driver", try driverFolder("usb", driver)) }
        return place
    }

    private func driverFolder(_ bus: String, _ driver: String) throws -> String {
        let place = "\(folder)/sys/bus/\(bus)/drivers/\(driver)"
        try makeFolder(place)
        return place
    }
}
