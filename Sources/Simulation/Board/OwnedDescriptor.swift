import Glibc

/// A file descriptor that is closed with its owner.
final class OwnedDescriptor: Sendable {
    let number: Int32
    private let isSocket: Bool

    /// Takes over `number`, which nobody else may close. On a socket whose other side is gone, writing ends without
    /// SIGPIPE.
    init(_ number: Int32, isSocket: Bool = false) {
        self.number = number
        self.isSocket = isSocket
    }

    deinit { close(number) }

    /// Makes reads and writes return at once.
    func setNonBlocking() { _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) }

    /// Keeps child processes from inheriting it.
    func setCloseOnExec() { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }

    /// What a non-blocking read or write brought.
    enum Transfer<Value> {
        case done(Value)
        /// Nothing now; wait for readiness.
        case later
        /// The other side is gone.
        case gone
    }

    /// Reads what is there, at most `limit` bytes.
    func read(limit: Int) -> Transfer<[UInt8]> {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
            count = Glibc.read(number, buffer.baseAddress, limit)
            initialized = max(0, count)
        }
        if count > 0 { return .done(bytes) }
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return .later }
        return .gone
    }

    /// Writes as many of `bytes` as fit now and says how many those were.
    func write(_ bytes: ArraySlice<UInt8>) -> Transfer<Int> {
        let count = bytes.withUnsafeBytes { buffer in
            isSocket
                ? send(number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
                : Glibc.write(number, buffer.baseAddress, buffer.count)
        }
        if count >= 0 { return .done(count) }
        return errno == EAGAIN || errno == EINTR ? .later : .gone
    }
}

/// The system's own words for an error number.
func systemText(_ number: Int32) -> String { String(cString: strerror(number)) }
