import Glibc

/// Reads and writes a non-blocking descriptor with deadlines, in waits of at most 50 ms so that a cancelled task ends.
struct DescriptorIO {
    static let slice = Duration.milliseconds(50)

    let descriptor: Int32
    let port: String

    func read(upTo limit: Int, deadline: ContinuousClock.Instant) throws(LinkError) -> [UInt8] {
        while true {
            if try wait(for: Int16(POLLIN), until: deadline) {
                if let bytes = try readNow(upTo: limit) { return bytes }
            } else if ContinuousClock.now >= deadline {
                return []
            }
        }
    }

    func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant, socket: Bool) throws(LinkError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return socket
                    ? Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                    : Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count > 0 {
                sent += count
                continue
            }
            let code = errno
            guard count < 0, code == EAGAIN || code == EINTR else { throw Self.failure(code, port, "write") }
            if ContinuousClock.now >= deadline {
                throw LinkError(
                    .writeTimeout, port: port,
                    "took \(sent) of \(bytes.count) bytes and then no more: check flow control and the adapter")
            }
            _ = try wait(for: Int16(POLLOUT), until: deadline)
        }
    }

    /// One wait of at most 50 ms; true when the descriptor is ready.
    private func wait(for events: Int16, until deadline: ContinuousClock.Instant) throws(LinkError) -> Bool {
        guard !Task.isCancelled else { throw LinkError(.cancelled, port: port, "cancelled") }
        let left = min(max(deadline - ContinuousClock.now, .zero), Self.slice)
        let milliseconds = Int32((left / .milliseconds(1)).rounded(.up))
        var request = pollfd(fd: descriptor, events: events, revents: 0)
        let ready = poll(&request, 1, milliseconds)
        if ready < 0, errno != EINTR { throw Self.failure(errno, port, "poll") }
        if ready > 0, request.revents & Int16(POLLNVAL) != 0 { throw Self.lost(port, "closed") }
        // Hang-up and error count as ready: the read or write that follows tells them apart from data.
        return ready > 0
    }

    /// Bytes at hand; nil where there are none.
    private func readNow(upTo limit: Int) throws(LinkError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = Glibc.read(descriptor, &bytes, limit)
        if count > 0 { return Array(bytes[..<count]) }
        if count == 0 { throw Self.lost(port, "the other side hung up") }
        if errno == EAGAIN || errno == EINTR { return nil }
        throw Self.failure(errno, port, "read")
    }

    /// True once the other side has hung up or closed.
    var isHungUp: Bool {
        var request = pollfd(fd: descriptor, events: Self.peerClosed, revents: 0)
        return poll(&request, 1, 0) > 0
            && request.revents & (Self.peerClosed | Int16(POLLHUP) | Int16(POLLERR) | Int16(POLLNVAL)) != 0
    }

    /// POLLRDHUP of Linux.
    private static let peerClosed: Int16 = 0x2000

    static func pause(_ time: Duration, port: String) throws(LinkError) {
        let end = ContinuousClock.now + time
        while true {
            guard !Task.isCancelled else { throw LinkError(.cancelled, port: port, "cancelled") }
            let left = end - ContinuousClock.now
            guard left > .zero else { return }
            usleep(UInt32((min(left, slice) / .microseconds(1)).rounded(.up)))
        }
    }

    static func lost(_ port: String, _ what: String, errno: Int32? = nil) -> LinkError {
        LinkError(.lost, port: port, "port lost (\(what)): check the cable and the adapter", errno: errno)
    }

    /// What an error number means on a port that was open.
    static func failure(_ code: Int32, _ port: String, _ call: String) -> LinkError {
        switch code {
        case EIO, ENODEV, ENXIO, EPIPE, ECONNRESET, EBADF, ESHUTDOWN, ETIMEDOUT:
            lost(port, text(code), errno: code)
        default: LinkError(.system, port: port, "\(call) failed: \(text(code))", errno: code)
        }
    }

    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
