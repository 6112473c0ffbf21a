import Glibc

/// Where a slot's board is reached: a device path (best one under `/dev/serial/by-path`, or a pty) or
/// `socket://HOST:PORT`.
public struct PortAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        case path(String)
        case tcp(host: String, port: Int)
    }

    public let kind: Kind

    /// Reads an absolute path, `socket://host:port` or `socket://[v6 address]:port`.
    /// - Throws: ``LinkError`` `address`.
    public init(_ text: String) throws(LinkError) {
        let scheme = "socket://"
        if text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
                (1...65535).contains(port)
            else { throw Self.refuse(text, "expected socket://HOST:PORT with a port from 1 to 65535") }
            var host = rest[..<colon]
            if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
            guard !host.isEmpty, !host.contains("/") else { throw Self.refuse(text, "expected a host name or address") }
            kind = .tcp(host: String(host), port: port)
        } else {
            guard text.hasPrefix("/"), text.count > 1 else {
                throw Self.refuse(text, "expected an absolute path or socket://HOST:PORT")
            }
            kind = .path(text)
        }
    }

    private static func refuse(_ text: String, _ sentence: String) -> LinkError {
        LinkError(.address, port: text, sentence)
    }

    public var description: String {
        switch kind {
        case .path(let path): path
        case .tcp(let host, let port): "socket://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }

    /// Opens the port. Blocks up to `timeout` for a TCP connection.
    /// - Parameter parity: of a serial port; a serial server keeps its own.
    /// - Throws: ``LinkError``.
    public func open(
        baud: Int, timeout: Duration = .seconds(3), parity: SerialParity = .none
    ) throws(LinkError) -> any BoardLink {
        switch kind {
        case .path(let path): try SerialLink(path: path, baud: baud, parity: parity)
        case .tcp(let host, let port):
            try SocketLink(host: host, tcpPort: port, baud: baud, deadline: ContinuousClock.now + timeout)
        }
    }

    /// Whether the port is there, told without opening a serial port (opening may reset a board): the path exists, or
    /// a TCP connection is accepted within a second and closed again. Blocks that long at most.
    public func isPresent() -> Bool {
        switch kind {
        case .path(let path): return access(path, F_OK) == 0
        case .tcp(let host, let port):
            let deadline = ContinuousClock.now + .seconds(1)
            guard let link = try? SocketLink(host: host, tcpPort: port, baud: 115_200, deadline: deadline) else {
                return false
            }
            link.close()
            return true
        }
    }
}
