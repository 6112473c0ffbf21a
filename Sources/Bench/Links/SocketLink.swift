import Glibc

/// A TCP connection to a serial server, a fixture or a simulated board: the raw bytes of one UART.
///
/// There are no modem lines, and the rate is noted only: the server keeps its own.
public final class SocketLink: BoardLink {
    public let port: String
    public private(set) var baud: Int
    public let supportsModemLines = false
    private var descriptor: Int32 = -1

    /// Connects to `host`:`tcpPort`.
    /// - Throws: ``LinkError`` `absent` (refused, no route, no such name, no answer until the deadline), `cancelled`,
    ///   `system`.
    public init(
        host: String, tcpPort: Int, baud: Int, deadline: ContinuousClock.Instant
    ) throws(LinkError) {
        port = "socket://\(host.contains(":") ? "[\(host)]" : host):\(tcpPort)"
        self.baud = baud
        var reason = LinkError(.absent, port: port, "the name has no address")
        for address in try Self.resolve(host, tcpPort, port: port) {
            do {
                descriptor = try Self.connect(to: address, port: port, deadline: deadline)
                return
            } catch {
                guard error.code == .absent else { throw error }
                reason = error
            }
        }
        throw reason
    }

    deinit { close() }

    public func read(upTo limit: Int, deadline: ContinuousClock.Instant) throws(LinkError) -> [UInt8] {
        try stream.read(upTo: limit, deadline: deadline)
    }

    public func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(LinkError) {
        try stream.write(bytes, deadline: deadline, socket: true)
    }

    public func setBaud(_ baud: Int) throws(LinkError) { self.baud = baud }

    public func discardInput() throws(LinkError) {
        while try !stream.read(upTo: 4096, deadline: ContinuousClock.now).isEmpty {}
    }

    public func setLines(dtr: Bool, rts: Bool) throws(LinkError) {}

    public func close() {
        guard descriptor >= 0 else { return }
        _ = Glibc.close(descriptor)
        descriptor = -1
    }

    public var isAlive: Bool { descriptor >= 0 && !stream.isHungUp }

    private var stream: DescriptorIO { DescriptorIO(descriptor: descriptor, port: port) }

    /// The socket addresses of a name, as raw bytes, each with its family.
    private static func resolve(
        _ host: String, _ tcpPort: Int, port: String
    ) throws(LinkError) -> [(family: Int32, bytes: [UInt8])] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(tcpPort), &hints, &list)
        guard code == 0 else {
            throw LinkError(.absent, port: port, "the name has no address: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        var addresses: [(family: Int32, bytes: [UInt8])] = []
        var next = list
        while let info = next?.pointee {
            let bytes = UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen))
            addresses.append((info.ai_family, Array(bytes)))
            next = info.ai_next
        }
        return addresses
    }

    private static func connect(
        to address: (family: Int32, bytes: [UInt8]), port: String, deadline: ContinuousClock.Instant
    ) throws(LinkError) -> Int32 {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, flags, 0)
        guard descriptor >= 0 else { throw DescriptorIO.failure(errno, port, "socket") }
        do {
            try finishConnect(descriptor, address.bytes, port: port, deadline: deadline)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        var on: Int32 = 1
        _ = setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        _ = setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    private static func finishConnect(
        _ descriptor: Int32, _ address: [UInt8], port: String, deadline: ContinuousClock.Instant
    ) throws(LinkError) {
        let started = address.withUnsafeBytes { buffer in
            buffer.baseAddress.map {
                Glibc.connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(buffer.count))
            } ?? -1
        }
        if started == 0 { return }
        guard errno == EINPROGRESS else { throw absent(errno, port) }
        while true {
            guard !Task.isCancelled else { throw LinkError(.cancelled, port: port, "cancelled") }
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if poll(&request, 1, 50) > 0 { break }
            guard ContinuousClock.now < deadline else {
                throw LinkError(.absent, port: port, "no answer to the connection request: check the network")
            }
        }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
            throw DescriptorIO.failure(errno, port, "getsockopt")
        }
        guard code == 0 else { throw absent(code, port) }
    }

    private static func absent(_ code: Int32, _ port: String) -> LinkError {
        LinkError(.absent, port: port, "cannot be reached: \(DescriptorIO.text(code))", errno: code)
    }
}
