import Glibc

/// Plugs and unplugs the USB side of simulated boards at the control socket of `usb-board`, under which this process runs.
///
/// Calls block for the moment an answer takes.
struct USBBoardControl: Sendable {
    /// Where `usb-board` says that its control socket is.
    static let variable = "STATION_USB_CONTROL"

    /// What is plugged in.
    struct Device: Sendable {
        /// `1-2.3`.
        let portPath: String
        /// The flash file, which `usb-board` maps too.
        let flashFile: String
        /// `dfuse` or `dfu`.
        let dialect: String
        let serial: String
        /// Hexadecimal digits.
        let uid: String
    }

    let device: Device

    /// - Throws: ``BoardError`` with code `port`.
    func attach() throws(BoardError) {
        // A device that is there already is plugged in anew.
        _ = try? perform("detach \(device.portPath)")
        try perform(
            "attach \(device.portPath) \(device.flashFile) \(device.dialect) \(device.serial) \(device.uid)")
    }

    func detach() { _ = try? perform("detach \(device.portPath)") }

    private func perform(_ line: String) throws(BoardError) {
        guard let value = getenv(Self.variable) else {
            throw BoardError(.port, "boards on USB need usb-board: start this program under umockdev-wrapper usb-board")
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = String(cString: value)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else { throw BoardError(.port, "\(path) is too long for a socket") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .system(.port, "making a socket", errno) }
        let descriptor = OwnedDescriptor(number)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor.number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { throw .system(.port, "reaching usb-board at \(path)", errno) }
        let request = Array("\(line)\n".utf8)
        guard Glibc.write(descriptor.number, request, request.count) == request.count else {
            throw .system(.port, "writing to usb-board", errno)
        }
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while Glibc.read(descriptor.number, &byte, 1) == 1, byte != 0x0A, answer.count < 4096 { answer.append(byte) }
        let text = String(decoding: answer, as: UTF8.self)
        guard text.hasPrefix("ok") else { throw BoardError(.port, "usb-board: \(text)") }
    }
}
