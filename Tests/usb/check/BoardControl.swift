import Bench
import Foundation
import Glibc

/// The control socket of `usb-board`, under which this process runs. Each call opens a connection of its own and blocks
/// for the moment an answer takes.
struct BoardControl: Sendable {
    private let path: String

    /// - Throws: ``Trouble`` where this process does not run under `usb-board --control`.
    init() throws(Trouble) {
        guard let path = ProcessInfo.processInfo.environment["STATION_USB_CONTROL"] else {
            throw Trouble(
                "usb-check runs as a client: umockdev-wrapper usb-board --control SOCKET -- usb-check SECTION")
        }
        self.path = path
    }

    /// Sends one command.
    /// - Returns: what follows `ok` in the answer.
    /// - Throws: ``Trouble`` where the socket or the command is refused.
    @discardableResult
    func perform(_ line: String) throws(Trouble) -> String {
        let answer = try exchange(line)
        guard answer.hasPrefix("ok") else { throw Trouble("usb-board refused \"\(line)\": \(answer)") }
        return String(answer.dropFirst(2).drop { $0 == " " })
    }

    /// The figures that `usb-board` keeps of the board at a port, by name: `blocks`, `erases`, `mass`, `early` and others.
    /// - Throws: ``Trouble`` where there is no board.
    func figures(of port: USBBusPort) throws(Trouble) -> [String: Int] {
        for entry in try perform("list").components(separatedBy: "; ") {
            let words = entry.split(separator: " ")
            guard words.first.map(String.init) == port.description else { continue }
            var figures: [String: Int] = [:]
            for word in words {
                let parts = word.split(separator: "=")
                if parts.count == 2 { figures[String(parts[0])] = Int(parts[1]) }
            }
            return figures
        }
        throw Trouble("usb-board lists no board at \(port)")
    }

    private func exchange(_ line: String) throws(Trouble) -> String {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Trouble("\(path) is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw Trouble("making a socket failed: errno \(errno)") }
        defer { _ = close(number) }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { throw Trouble("reaching usb-board at \(path) failed: errno \(errno)") }
        let request = Array("\(line)\n".utf8)
        guard write(number, request, request.count) == request.count else {
            throw Trouble("writing to usb-board failed: errno \(errno)")
        }
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while read(number, &byte, 1) == 1, byte != 0x0A { answer.append(byte) }
        return String(decoding: answer, as: UTF8.self)
    }
}
