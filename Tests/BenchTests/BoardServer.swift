import Foundation
import Glibc
import Locking

/// A TCP server for tests on a port the system chose: one connection after the other, each with a handler that turns
/// received bytes into answer bytes.
final class BoardServer: Sendable {
    /// Bytes in, bytes out; nil from the maker closes the connection at once.
    typealias Handler = ([UInt8]) -> [UInt8]?

    let port: Int
    private let listener: Int32
    private let isStopped = Locked(false)

    /// - Parameter makeHandler: called for each connection with its number from 0, on the server's thread.
    init(_ makeHandler: @escaping @Sendable (Int) -> Handler?) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let ready = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard ready else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        let thread = Thread { [weak self] in
            var number = 0
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else {
                    // EINVAL: it was shut down. Only this thread closes it, so that it never accepts from a number
                    // that has become another test's server.
                    if errno == EINVAL { break }
                    continue
                }
                guard let self, !self.isStopped.withLock({ $0 }) else {
                    _ = close(connection)
                    continue
                }
                if let handler = makeHandler(number) { self.serve(connection, handler) }
                number += 1
                _ = close(connection)
            }
            _ = close(listener)
        }
        thread.start()
    }

    deinit { stop() }

    func stop() {
        let first = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        if first { _ = shutdown(listener, Int32(SHUT_RDWR)) }
    }

    private func serve(_ connection: Int32, _ handler: Handler) {
        var bytes = [UInt8](repeating: 0, count: 65536)
        while !isStopped.withLock({ $0 }) {
            var request = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
            guard poll(&request, 1, 50) > 0 else { continue }
            let count = read(connection, &bytes, bytes.count)
            guard count > 0, let answer = handler(Array(bytes[..<count])) else { return }
            var sent = 0
            while sent < answer.count {
                let more = answer.withUnsafeBytes {
                    send(connection, $0.baseAddress.map { $0 + sent }, answer.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard more > 0 else { return }
                sent += more
            }
        }
    }
}
