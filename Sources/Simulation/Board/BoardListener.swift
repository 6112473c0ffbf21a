import Glibc

/// A listening TCP socket; connections are taken one after another.
final class BoardListener: Sendable {
    let descriptor: OwnedDescriptor
    let host: String
    /// The port it really listens on.
    let port: Int

    /// Listens on a numeric IPv4 address; port 0 takes any.
    /// - Throws: ``BoardError`` with code `port`.
    init(host: String, port: Int) throws(BoardError) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        guard let number = UInt16(exactly: port), inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw BoardError(.port, "\(host):\(port) is not a numeric IPv4 address and a port from 0 to 65535")
        }
        address.sin_port = number.bigEndian
        let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard opened >= 0 else { throw .system(.port, "making a socket", errno) }
        descriptor = OwnedDescriptor(opened, isSocket: true)
        var on: Int32 = 1
        setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(opened, $0, length) == 0 && listen(opened, 64) == 0 && getsockname(opened, $0, &length) == 0
            }
        }
        guard bound else { throw .system(.port, "listening on \(host):\(port)", errno) }
        descriptor.setNonBlocking()
        self.host = host
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// The next connection, ready for non-blocking use; nil when nobody waits.
    func accept() -> OwnedDescriptor? {
        let number = Glibc.accept(descriptor.number, nil, nil)
        guard number >= 0 else { return nil }
        let connection = OwnedDescriptor(number, isSocket: true)
        connection.setNonBlocking()
        connection.setCloseOnExec()
        var on: Int32 = 1
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return connection
    }

    /// As Bench and pyserial name it: `socket://127.0.0.1:4000`.
    var address: String { "socket://\(host):\(port)" }
}
